/**
 * The configuration of a node: parsed, not validated. The only reader of the environment, of `.env`
 * and of `known-peers.json`; whoever holds a {@link Config} need not check anything again.
 */

import { statSync } from 'node:fs'
import { join } from 'node:path'
import { missingPermission } from '../errors/missing-permission.ts'
import { NodeError } from '../errors/node-error.ts'
import { systemCodeOf } from '../errors/system-error.ts'
import type { LogFormat, LogLevel } from '../log/log.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import type { IpRange } from '../mesh/address/ip-range.ts'
import { isLoopbackHost } from '../mesh/address/scope.ts'
import { brokenRelation, DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { defaultAddress, defaultListen } from './default-address.ts'
import { envEntries } from './env-text.ts'
import { readKnownPeers } from './known-peers.ts'
import { nearest } from './near-miss.ts'
import {
  isTiming,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  TIMING_SETTINGS,
  timingSettingName,
} from './settings.ts'
import { readTextFile } from './text-file.ts'

/** Environment variables, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>

/** All that an operator can say about a node. */
export interface Config {
  /** The folder of the node. */
  readonly dir: string
  /** TCP port to listen on, 1 to 65535. */
  readonly port: number
  /**
   * Where the port was set, for messages: the path of a file, or "the environment variable PORT".
   */
  readonly portSource: string
  /**
   * Our own address, which goes first in every HANDSHAKE. Default `ws://localhost:PORT`, or the
   * first IP of LISTEN when localhost does not lead to any of them.
   */
  readonly address: Address
  /**
   * IP literals to listen on. Default: both loopbacks, or all interfaces when ADDRESS is not on
   * loopback.
   */
  readonly listen: readonly string[]
  /**
   * The setting for messages, such as `LISTEN in /x/.env`, or undefined when it is not set.
   */
  readonly listenSubject: string | undefined
  /** Canonical, each once, in the order of the file. May hold our own address. */
  readonly knownPeers: readonly Address[]
  /** A missing file is fine: a node alone. */
  readonly knownPeersFile: 'read' | 'missing'
  /** The network that the node belongs to. Default `default`. */
  readonly mesh: string
  /** Who may ask over HTTP besides this machine. Default nobody. */
  readonly httpAllow: readonly IpRange[]
  /** How much is printed. Default `info`. */
  readonly logLevel: LogLevel
  /** How it is printed. Default `text`. */
  readonly logFormat: LogFormat
  /** Intervals, with their relations checked. */
  readonly timings: Timings
  /**
   * What is probably a mistake but does no harm, such as a misspelt key in `.env`: one line each,
   * to be shown.
   */
  readonly warnings: readonly string[]
}

/**
 * Reads the configuration of the node in `dir`. A variable of the environment wins over `.env`; an
 * empty one, here or there, counts as not set.
 *
 * @throws {NodeError} CONFIG_… for the first thing that the operator has to mend.
 */
export function readConfig({
  dir,
  env,
}: {
  readonly dir: string
  readonly env: Environment
}): Config {
  assertFolder(dir)
  const sources = readSources(join(dir, '.env'), env)
  const port = requirePort(sources)
  const listen = read(sources, SETTINGS.listen)
  const ownAddress = read(sources, SETTINGS.address)?.value
  const address = ownAddress ?? defaultAddress(port.value, listen?.value ?? [])
  const peers = readKnownPeers(join(dir, 'known-peers.json'))
  return {
    dir,
    port: port.value,
    portSource: port.source,
    address,
    listen: listen?.value ?? defaultListen(address),
    listenSubject: listen?.subject,
    knownPeers: peers.kind === 'read' ? peers.addresses : [],
    knownPeersFile: peers.kind,
    mesh: read(sources, SETTINGS.mesh)?.value ?? 'default',
    httpAllow: read(sources, SETTINGS.httpAllow)?.value ?? [],
    logLevel: read(sources, SETTINGS.logLevel)?.value ?? 'info',
    logFormat: read(sources, SETTINGS.logFormat)?.value ?? 'text',
    timings: readTimings(sources),
    warnings: [
      ...misspeltKeys(sources),
      ...(ownAddress === undefined ? beyondAddress(address, listen) : []),
    ],
  }
}

interface Sources {
  readonly env: Environment
  readonly file: string
  /** What `.env` says, or undefined when it is missing. */
  readonly fileEntries: ReadonlyMap<string, string> | undefined
}

interface Found<T> {
  readonly value: T
  /** For messages: `PORT in /x/.env`, or "the environment variable PORT". */
  readonly subject: string
  readonly source: string
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
    throw NodeError.dirInvalid({ dir, problem, cause })
  }
  if (!isFolder) throw NodeError.dirInvalid({ dir, problem: 'is not a folder' })
}

function readSources(file: string, env: Environment): Sources {
  const text = readTextFile(file)
  return {
    env,
    file,
    fileEntries:
      text === undefined
        ? undefined
        : new Map(envEntries(text).map(({ key, value }) => [key, value])),
  }
}

/** Reads one setting; undefined when it is set nowhere. */
function read<T>({ env, file, fileEntries }: Sources, setting: Setting<T>): Found<T> | undefined {
  const { name, expected, errorCode, example } = setting
  const variable = env[name]?.trim() ?? ''
  const text = variable === '' ? (fileEntries?.get(name)?.trim() ?? '') : variable
  if (text === '') return undefined
  const isVariable = variable !== ''
  const subject = isVariable ? `the environment variable ${name}` : `${name} in ${file}`
  const parsed = setting.parse(text)
  if (parsed.kind === 'value') {
    return { value: parsed.value, subject, source: isVariable ? subject : file }
  }
  const { because } = parsed
  throw NodeError.settingInvalid({
    code: errorCode,
    subject,
    expected,
    got: text,
    because,
    example: `${name}=${example}`,
  })
}

function requirePort(sources: Sources): Found<number> {
  const port = read(sources, SETTINGS.port)
  if (port !== undefined) return port
  const { file, fileEntries } = sources
  if (fileEntries === undefined) throw NodeError.envFileMissing({ file })
  const lookalike = [...fileEntries.keys()].find((key) => key !== 'PORT' && nearest(key, ['PORT']))
  throw NodeError.portMissing({ file, lookalike })
}

/** Two nodes that tell each other `ws://localhost:4001` from two machines never get together. */
function beyondAddress(
  address: Address,
  listen: Found<readonly string[]> | undefined,
): readonly string[] {
  if (listen === undefined || !isLoopbackHost(hostOf(address))) return []
  const beyond = listen.value.find((ip) => !isLoopbackHost(ip))
  if (beyond === undefined) return []
  return [
    `${listen.subject} has ${beyond}, but others are told ${address}, which only this machine can dial; set ADDRESS`,
  ]
}

function readTimings(sources: Sources): Timings {
  const timings: { -readonly [Field in keyof Timings]: number } = { ...DEFAULT_TIMINGS }
  for (const setting of TIMING_SETTINGS) {
    timings[setting.field] = read(sources, setting)?.value ?? DEFAULT_TIMINGS[setting.field]
  }
  const broken = brokenRelation(timings)
  if (broken === undefined) return timings
  // The core speaks of its fields; the operator knows them by the names in .env.
  const fields = broken.split(/\W+/).filter(isTiming)
  throw NodeError.timingsContradict({
    file: sources.file,
    relation: broken.replace(/\w+/g, (word) => (isTiming(word) ? timingSettingName(word) : word)),
    values: fields.map((field) => `${timingSettingName(field)}=${timings[field]}`).join(' and '),
  })
}

/**
 * Only keys of `.env`, which is ours; and only near misses, since other programs may keep their
 * settings there too.
 */
function misspeltKeys({ file, fileEntries }: Sources): readonly string[] {
  const keys = [...(fileEntries?.keys() ?? [])]
  return keys.flatMap((key) => {
    if (SETTING_NAMES.includes(key)) return []
    const meant = nearest(key, SETTING_NAMES)
    // Whoever has set the real one knows its name.
    if (meant === undefined || keys.includes(meant)) return []
    return [`${file}: '${key}' is not a setting and is ignored; did you mean ${meant}?`]
  })
}
