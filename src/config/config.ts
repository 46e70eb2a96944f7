/** The configuration of a node, read from the environment, `.env` and `known-peers.json`. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { dirInvalid } from '../errors/config-errors.ts'
import { missingPermission } from '../errors/missing-permission.ts'
import { systemCodeOf } from '../errors/system-error.ts'
import type { LogFormat, LogLevel } from '../log/log.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import type { IpRange } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { EnvSource } from './env-source.ts'
import type { Environment } from './environment.ts'
import { readKnownPeersFile } from './known-peers-file.ts'
import { type NodeSettings, readNodeSettings, readSetting } from './read-settings.ts'
import { SETTINGS } from './settings.ts'

export interface Config extends Omit<NodeSettings, 'isDefaultAddress' | 'isListenSet'> {
  /** The folder of the node. */
  readonly dir: string
  /** Where the port was set: the path of a file, or `the environment variable PORT`. */
  readonly portSource: string
  /** Such as `LISTEN in /x/.env`; undefined when it is not set. */
  readonly listenSubject: string | undefined
  /** Canonical, each once, in the order of the file. May hold our own address. */
  readonly knownPeers: readonly Address[]
  /** Without a file the node waits until another one dials it. */
  readonly knownPeersFile: 'read' | 'missing'
  /** The IPs that may send HTTP requests, besides this machine's. Default none. */
  readonly httpAllow: readonly IpRange[]
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  /** Probable mistakes that do no harm, such as a misspelt key in `.env`: one line each. */
  readonly warnings: readonly string[]
}

/**
 * Reads the configuration of the node in `dir`. A variable of the environment wins over `.env`; an
 * empty one, here or there, counts as not set.
 *
 * @throws {NodeError} CONFIG_… for the first configuration error.
 */
export function readConfig({
  dir,
  env,
}: {
  readonly dir: string
  readonly env: Environment
}): Config {
  assertFolder(dir)
  const source = new EnvSource(join(dir, '.env'), env)
  const { isDefaultAddress, isListenSet, ...settings } = readNodeSettings(source)
  const listenSubject = isListenSet ? source.subject(SETTINGS.listen) : undefined
  const knownPeers = readKnownPeersFile(join(dir, 'known-peers.json'))
  return {
    dir,
    ...settings,
    portSource: source.placeOf(SETTINGS.port),
    listenSubject,
    knownPeers: knownPeers ?? [],
    knownPeersFile: knownPeers === undefined ? 'missing' : 'read',
    httpAllow: readSetting(source, SETTINGS.httpAllow) ?? [],
    logLevel: readSetting(source, SETTINGS.logLevel) ?? 'info',
    logFormat: readSetting(source, SETTINGS.logFormat) ?? 'text',
    warnings: [
      ...source.warnings(),
      ...(isDefaultAddress ? addressWarnings(settings, listenSubject) : []),
    ],
  }
}

/** @throws {NodeError} CONFIG_DIR_INVALID when it is not a folder that can be looked into */
export function assertFolder(dir: string): void {
  let isFolder: boolean
  try {
    isFolder = statSync(dir).isDirectory()
  } catch (cause) {
    const missing = missingPermission(cause)
    if (missing !== undefined) throw missing
    const code = systemCodeOf(cause)
    const problem =
      code === 'ENOENT' ? 'does not exist' : `cannot be read (${code ?? String(cause)})`
    throw dirInvalid(dir, problem, cause)
  }
  if (!isFolder) throw dirInvalid(dir, 'is not a folder')
}

/** Nodes on two machines that name each other `ws://localhost:4001` never connect. */
function addressWarnings(
  { address, listen }: Pick<Config, 'address' | 'listen'>,
  listenSubject: string | undefined,
): readonly string[] {
  if (listenSubject === undefined || !isLoopbackHost(hostOf(address))) return []
  const remote = listen.find((ip) => !isLoopbackHost(ip))
  if (remote === undefined) return []
  return [
    `${listenSubject} has ${remote}, but this node announces ${address}, which only this machine can dial; set ADDRESS`,
  ]
}
