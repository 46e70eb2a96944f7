/** Running Linux binaries for arm64: as they are on such a machine, under qemu on others. */

import { existsSync } from 'node:fs'
import { ARM64_ROOT } from '../../build/test-needs.ts'
import type { Runtime } from './node-process.ts'

const QEMU = '/usr/bin/qemu-aarch64-static'

/**
 * What runs such a binary; undefined where it needs nothing.
 *
 * @throws with one sentence that names what is missing
 */
export function arm64Runtime(): Runtime | undefined {
  if (process.platform !== 'linux') throw new Error('run the tests on Linux: they run its binaries')
  if (process.arch === 'arm64') return undefined
  if (!existsSync(QEMU)) throw new Error('install qemu: apt-get install qemu-user-static')
  if (!existsSync(ARM64_ROOT)) {
    throw new Error('install libraries for arm64: apt-get install libstdc++6-arm64-cross')
  }
  return [QEMU, '-L', ARM64_ROOT]
}
