/**
 * `node --import ./build/typescript.js FILE.ts` runs TypeScript on every Node that we support, and
 * says so on others. Node 22.18 and later do that themselves; for older ones esbuild removes the
 * types, once for each text.
 */

import { register } from 'node:module'

if (!process.features.typescript) {
  register('./typescript-hooks.js', import.meta.url)
  process.setSourceMapsEnabled(true)
}

await import('../src/cli/required-runtime.ts')
