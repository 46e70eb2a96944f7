/**
 * Binaries for tests. They are kept as long as they are what would be made: a test that made its
 * own each time would take half a minute for it.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { checkBinary, makeBinary } from '../../build/binaries.ts'
import { ToolError } from '../../build/command-line.ts'
import { binaryName, type Platform } from '../../build/node-releases.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { systemCodeOf } from '../../src/errors/system-error.ts'
import { BUNDLE } from './node-process.ts'
import { waitUntil } from './wait-until.ts'

/** Where those who look after node_modules expect such things. */
const FOLDER = join(REPOSITORY, 'node_modules/.cache/fullmesh')

/** To fetch a Node, or to make a binary on a busy machine. In ms. */
export const MAKING_MS_MAX = 300_000

/** Longer than two binaries take on a busy machine, in ms. */
const LOCK_MS_MAX = 240_000

/** The path of the binary for a platform. Its script is the bundle. */
export async function binaryFor(platform: Platform): Promise<string> {
  const path = pathOf(platform)
  return oneAtATime(path, async () => {
    try {
      if (existsSync(path)) {
        await checkBinary(path, platform, BUNDLE)
        return path
      }
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
    }
    return makeBinary(platform, BUNDLE, FOLDER)
  })
}

/** The binary has node-1/index.js twice, to run and to read, and can be run. */
export function assertPayload(t: ExecutionContext, path: string): void {
  const binary = readFileSync(path)
  const first = binary.indexOf(BUNDLE)
  t.not(first, -1)
  t.not(binary.indexOf(BUNDLE, first + BUNDLE.length), -1)
  t.is(statSync(path).mode & 0o777, 0o755)
}

function pathOf(platform: Platform): string {
  return join(FOLDER, binaryName(platform))
}

/** Several test files use the same binary at the same time: the first one makes it for all. */
async function oneAtATime<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const lock = `${path}.lock`
  mkdirSync(FOLDER, { recursive: true })
  await waitUntil(
    () => {
      try {
        mkdirSync(lock)
        return true
      } catch (error) {
        if (systemCodeOf(error) !== 'EEXIST') throw error
        const madeMs = statSync(lock, { throwIfNoEntry: false })?.mtimeMs ?? Date.now()
        // Whoever made it was killed.
        if (Date.now() - madeMs > LOCK_MS_MAX) rmSync(lock, { recursive: true, force: true })
        return false
      }
    },
    () => `${lock} is gone`,
    MAKING_MS_MAX,
  )
  try {
    return await work()
  } finally {
    rmSync(lock, { recursive: true, force: true })
  }
}
