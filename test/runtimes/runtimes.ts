/** Every runtime that a node runs on, ready to run one. */

import { FETCHED_RUNTIMES, type FetchedRuntime, fetchRuntime } from '../../build/runtimes.ts'
import { DENO, type Runtime } from '../helpers/node-process.ts'

/** Their names, the oldest Node first. */
export const RUNTIME_NAMES = [...FETCHED_RUNTIMES, 'Deno 2'] as const

/** One of them. */
export type RuntimeName = FetchedRuntime | 'Deno 2'

/** Long enough for whatever npm has to fetch the first time, in ms. */
export const FETCH_MS = 300_000

const runtimes = new Map<RuntimeName, Promise<Runtime>>()

/** The words that run a script on it. The first time, it is fetched, or its checksum is checked. */
export function runtimeCalled(name: RuntimeName): Promise<Runtime> {
  const runtime = runtimes.get(name) ?? runtimeFor(name)
  runtimes.set(name, runtime)
  return runtime
}

async function runtimeFor(name: RuntimeName): Promise<Runtime> {
  return name === 'Deno 2' ? DENO : [await fetchRuntime(name)]
}
