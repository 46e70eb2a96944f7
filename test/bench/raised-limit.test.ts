/** The core with room for more links. */

import test from 'ava'
import { build } from 'esbuild'
import { acceptedLinksMaxFor, raiseAcceptedLinks } from '../../bench/raised-limit.ts'
import { REPOSITORY } from '../../build/repository.ts'
import * as limits from '../../src/mesh/limits.ts'

const { ACCEPTED_LINKS_MAX } = limits

const RAISED = 5_000

/** Bundles a module with the raised limit, and gives what it exports as `found`. */
async function foundBy(source: string): Promise<unknown> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: REPOSITORY, loader: 'ts' },
    plugins: [raiseAcceptedLinks(RAISED)],
    bundle: true,
    format: 'esm',
    write: false,
  })
  const text = outputFiles[0]?.text ?? ''
  const module = await import(`data:text/javascript,${encodeURIComponent(text)}`)
  return module.found
}

test('raised limit - is another in the bundle, and all others are as they were', async (t) => {
  const found = await foundBy(`
    import * as limits from './src/mesh/limits.ts'
    export const found = { ...limits }
  `)
  t.deepEqual(found, { ...limits, ACCEPTED_LINKS_MAX: RAISED })
})

test('raised limit - a node accepts as many links, and not one more', async (t) => {
  const found = await foundBy(`
    import { objectionToCrowd } from './src/mesh/links/admission.ts'
    const isAccepted = (accepted: number) => objectionToCrowd({ accepted }) === undefined
    export const found = [isAccepted(${RAISED - 1}), isAccepted(${RAISED})]
  `)
  t.deepEqual(found, [true, false])
})

test('raised limit - is raised only where a seed would turn somebody away', (t) => {
  t.is(acceptedLinksMaxFor(ACCEPTED_LINKS_MAX + 1), ACCEPTED_LINKS_MAX)
  t.is(acceptedLinksMaxFor(ACCEPTED_LINKS_MAX + 2), ACCEPTED_LINKS_MAX + 1)
})
