/** The configuration of a node, read from the environment, `.env` and `known-peers.json`. */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { dirInvalid, envFileMissing, portMissing } from '../errors/config-errors.ts'
import { missingPermission } from '../errors/missing-permission.ts'
import { systemCodeOf } from '../errors/system-error.ts'
import type { LogFormat, LogLevel } from '../log/log.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import type { IpRange } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { type EnvFile, parseEnvFile } from './env-file.ts'
import { readKnownPeers } from './known-peers.ts'
import { nearest } from './near-miss.ts'
import { type NodeSettings, readNodeSettings, readSetting, type Source } from './read-settings.ts'
import {
  RETIRED_NAMES,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  TIMING_SETTINGS,
  type TimingSetting,
} from './settings.ts'
import { readTextFile } from './text-file.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** The configuration, checked. */
export interface Config {
  /** The folder of the node. */
  readonly dir: string
  /** TCP port to listen on, 1 to 65535. */
  readonly port: number
  /** Where the port was set: the path of a file, or `the environment variable PORT`. */
  readonly portSource: string
  /**
   * Our own address, the first in every HANDSHAKE. Default `ws://localhost:PORT`, or the first IP
   * of LISTEN when localhost does not lead to any of them.
   */
  readonly address: Address
  /** Default: both loopbacks, or all interfaces when ADDRESS is not on loopback. */
  readonly listen: readonly string[]
  /** Such as `LISTEN in /x/.env`; undefined when it is not set. */
  readonly listenSubject: string | undefined
  /** Canonical, each once, in the order of the file. May hold our own address. */
  readonly knownPeers: readonly Address[]
  /** Without a file the node waits until another one dials it. */
  readonly knownPeersFile: 'read' | 'missing'
  /** The name of the network. Default `default`. */
  readonly mesh: string
  /** The IPs that may send HTTP requests, besides this machine's. Default none. */
  readonly httpAllow: readonly IpRange[]
  /** How much is printed. Default `info`. */
  readonly logLevel: LogLevel
  /** How it is printed. Default `text`. */
  readonly logFormat: LogFormat
  readonly timings: NodeSettings['timings']
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
  const peers = readKnownPeers(join(dir, 'known-peers.json'))
  return {
    dir,
    ...settings,
    portSource: source.placeOf(SETTINGS.port),
    listenSubject,
    knownPeers: peers.kind === 'read' ? peers.addresses : [],
    knownPeersFile: peers.kind,
    httpAllow: readSetting(source, SETTINGS.httpAllow) ?? [],
    logLevel: readSetting(source, SETTINGS.logLevel) ?? 'info',
    logFormat: readSetting(source, SETTINGS.logFormat) ?? 'text',
    warnings: [
      ...source.warnings(),
      ...(isDefaultAddress ? beyondAddress(settings, listenSubject) : []),
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
    throw dirInvalid({ file: dir, problem, cause })
  }
  if (!isFolder) throw dirInvalid({ file: dir, problem: 'is not a folder' })
}

/** Nodes on two machines that name each other `ws://localhost:4001` never connect. */
function beyondAddress(
  { address, listen }: Pick<Config, 'address' | 'listen'>,
  listenSubject: string | undefined,
): readonly string[] {
  if (listenSubject === undefined || !isLoopbackHost(hostOf(address))) return []
  const beyond = listen.find((ip) => !isLoopbackHost(ip))
  if (beyond === undefined) return []
  return [
    `${listenSubject} has ${beyond}, but others are told ${address}, which only this machine can dial; set ADDRESS`,
  ]
}

/** The environment and a `.env`, which may be missing when the environment has a PORT. */
class EnvSource implements Source {
  readonly timings = TIMING_SETTINGS
  readonly timingsPlace: string
  readonly #env: Environment
  readonly #file: string
  readonly #entries: EnvFile | undefined

  constructor(file: string, env: Environment) {
    const text = readTextFile(file)
    this.timingsPlace = file
    this.#file = file
    this.#env = env
    this.#entries = text === undefined ? undefined : parseEnvFile(text)
  }

  raw({ name }: Setting<unknown>): string | undefined {
    const text = this.#variable(name) || (this.#entries?.values.get(name)?.trim() ?? '')
    if (text !== '') return text
    if (name !== SETTINGS.port.name) return undefined
    if (this.#entries === undefined) throw envFileMissing(this.#file)
    throw portMissing(
      this.#file,
      this.#keys().find((key) => key !== name && nearest(key, [name])),
    )
  }

  placeOf({ name }: Setting<unknown>): string {
    return this.#variable(name) === '' ? this.#file : `the environment variable ${name}`
  }

  subject(setting: Setting<unknown>): string {
    const place = this.placeOf(setting)
    return place === this.#file ? `${setting.name} in ${place}` : place
  }

  nameOf({ name }: TimingSetting): string {
    return name
  }

  example({ name, example }: Setting<unknown>): string {
    return `${name}=${example}`
  }

  /** Other programs may have settings in the same file, so unknown keys alone are no mistake. */
  warnings(): readonly string[] {
    const file = this.#file
    const keys = this.#keys()
    const ignored = keys.flatMap((key) => {
      if (SETTING_NAMES.includes(key)) {
        const isRepeated = this.#entries?.repeated.has(key) === true
        return isRepeated ? [`${file}: ${key} is set in several lines; the last one counts`] : []
      }
      if (RETIRED_NAMES.includes(key)) return [`${file}: '${key}' ${RETIRED}; delete the line`]
      const meant = nearest(key, SETTING_NAMES)
      // Who has set the real one does not misspell it.
      if (meant === undefined || keys.includes(meant)) return []
      return [`${file}: '${key}' is not a setting and is ignored; did you mean ${meant}?`]
    })
    const variables = RETIRED_NAMES.filter((name) => this.#variable(name) !== '')
    return [
      ...ignored,
      ...variables.map((name) => `the environment variable ${name} ${RETIRED}; unset it`),
    ]
  }

  #variable(name: string): string {
    return this.#env[name]?.trim() ?? ''
  }

  #keys(): readonly string[] {
    return [...(this.#entries?.values.keys() ?? [])]
  }
}

const RETIRED = 'is no longer a setting and is ignored'
