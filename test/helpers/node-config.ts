/** The configuration of a node in a folder of its own, as the program would read it. */

import type { ExecutionContext } from 'ava'
import { type Config, readConfig } from '../../src/config/config.ts'
import type { Environment } from '../../src/config/environment.ts'
import { envFileOf } from './env-file.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** What the files of the folder say. */
export interface FolderOptions {
  /** Default: a free one. */
  readonly port?: number
  /** Default: none. */
  readonly knownPeers?: readonly string[]
  /** What `.env` has besides PORT. */
  readonly settings?: Readonly<Record<string, string | number>>
}

/**
 * For commands that ask a node in the process of the test: hundreds of tests begin at once there,
 * and on a slow machine an answer comes after more than the default of 5 s.
 */
export const PATIENT = { DIAL_TIMEOUT_MS: 30_000, HANDSHAKE_TIMEOUT_MS: 60_000 } as const

/** Writes the files, and reads them. By default it is {@link PATIENT}. */
export async function configOfFolder(
  t: ExecutionContext,
  { port, knownPeers = [], settings = {} }: FolderOptions = {},
): Promise<Config> {
  const own = { PORT: port ?? (await freePort(t)) }
  const dir = temporaryFolder(t, {
    '.env': envFileOf({ ...own, ...PATIENT, ...settings }),
    'known-peers.json': JSON.stringify(knownPeers),
  })
  return readConfig({ dir, env: {} })
}

/** The configuration of a node whose `.env` is this, with no other variables than `env`. */
export function configOf(
  t: ExecutionContext,
  envFile: string | Uint8Array,
  env: Environment = {},
): Config {
  return readConfig({ dir: temporaryFolder(t, { '.env': envFile }), env })
}
