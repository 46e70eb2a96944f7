/**
 * Every setting of a node, in one table: what `--help` prints, what the documentation is checked
 * against, and how its text is read. Where the text comes from is config.ts' business.
 */

import type { SettingErrorCode } from '../errors/node-error.ts'
import { LOG_FORMATS, LOG_LEVELS, type LogFormat, type LogLevel } from '../log/log.ts'
import { type Address, hostOf, parseAddress } from '../mesh/address/address.ts'
import { parseIpRanges } from '../mesh/address/ip-range.ts'
import { DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { isMeshName } from '../wire/headers.ts'
import { parseListenIps } from './listen-ips.ts'

/**
 * What became of a setting's text. `because` goes on after the value, such as "which has a query in
 * it".
 */
export type Parsed<T> =
  | { readonly kind: 'value'; readonly value: T }
  | { readonly kind: 'rejected'; readonly because?: string }

/** One setting: a line `NAME=value` in `.env`, or an environment variable of that name. */
export interface Setting<T> {
  readonly name: string
  /** What it is for, in a few words. */
  readonly meaning: string
  /** What a value must be, to go on after "must be". */
  readonly expected: string
  /** What holds when it is not set, for people. */
  readonly defaultText: string
  /** A value that is right. */
  readonly example: string
  readonly errorCode: SettingErrorCode
  /** Reads a value without spaces around it. Never throws. */
  readonly parse: (text: string) => Parsed<T>
}

/** A setting that is one of {@link Timings}. */
export interface TimingSetting extends Setting<number> {
  readonly field: keyof Timings
}

/** Below this the delays of a busy event loop are longer than what they are to measure. */
export const TIMING_MS_MIN = 10

/** A mesh that takes longer than an hour to notice anything looks broken to whoever runs it. */
export const TIMING_MS_MAX = 60 * 60 * 1000

/** The settings but for the timings. */
export const SETTINGS = {
  port: {
    name: 'PORT',
    meaning: 'TCP port to listen on',
    expected: 'a whole number from 1 to 65535',
    defaultText: 'none, required',
    example: '4001',
    errorCode: 'CONFIG_PORT_INVALID',
    parse: integerFrom(1, 65_535),
  },
  address: {
    name: 'ADDRESS',
    meaning: 'where other nodes dial this one',
    expected: 'an address such as ws://192.0.2.7:4001',
    defaultText: 'localhost, or an IP of LISTEN',
    example: 'ws://192.0.2.7:4001',
    errorCode: 'CONFIG_ADDRESS_INVALID',
    parse: parseOwnAddress,
  },
  listen: {
    name: 'LISTEN',
    meaning: 'IP addresses to listen on',
    expected: 'IP addresses separated by commas, such as 127.0.0.1,::1',
    defaultText: 'this machine; all with far ADDRESS',
    example: '0.0.0.0',
    errorCode: 'CONFIG_LISTEN_INVALID',
    parse: parseListenIps,
  },
  mesh: {
    name: 'MESH',
    meaning: 'name of the network; others are refused',
    expected: '1 to 64 letters (a-z, A-Z), digits, dots, underscores or hyphens',
    defaultText: 'default',
    example: 'my-mesh',
    errorCode: 'CONFIG_MESH_INVALID',
    parse: parseMeshName,
  },
  httpAllow: {
    name: 'HTTP_ALLOW',
    meaning: 'IPs that may see page and metrics, too',
    expected: 'IP addresses or ranges separated by commas, such as 192.168.1.0/24, or * for all',
    defaultText: 'this machine',
    example: '192.168.1.0/24',
    errorCode: 'CONFIG_HTTP_ALLOW_INVALID',
    parse: parseIpRanges,
  },
  logLevel: {
    name: 'LOG_LEVEL',
    meaning: LOG_LEVELS.join(', '),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    defaultText: 'info',
    example: 'info',
    errorCode: 'CONFIG_LOG_LEVEL_INVALID',
    parse: parseLogLevel,
  },
  logFormat: {
    name: 'LOG_FORMAT',
    meaning: 'text, or json: one object a line, for programs',
    expected: `one of ${LOG_FORMATS.join(', ')}`,
    defaultText: 'text',
    example: 'json',
    errorCode: 'CONFIG_LOG_FORMAT_INVALID',
    parse: parseLogFormat,
  },
} as const satisfies Record<string, Setting<unknown>>

const TIMING_MEANINGS: Readonly<Record<keyof Timings, string>> = {
  dialTimeoutMs: 'how long a dial may take; up to four times that on a busy machine',
  redialMinMs:
    'upper bound of the first pause after a failed dial (a sixteenth for a known peer not reached yet) or a lost link; doubles with each failure. After a lost link at least a quarter of it passes, and that does not double',
  redialMaxMs: 'upper bound of every pause between dials',
  stableAfterMs: 'a link that lived this long clears the failures of its address',
  handshakeTimeoutMs: 'how soon an accepted link must say HANDSHAKE',
  pingAfterMs: 'silence on a link after which it is pinged; from half of it on when others are',
  silentAfterMs: 'silence on a link after which it is given up',
  duplicateProbeMs: 'how long the older of two links to one peer has to answer a ping',
  antiEntropyMs: 'mean pause between HANDSHAKEs that repair what was missed, in a mesh of two',
  verifyMs: 'pause between dials that verify an address that a peer claims',
}

/** The timings as settings, in the order of {@link Timings}. All in milliseconds. */
export const TIMING_SETTINGS: readonly TimingSetting[] = Object.keys(TIMING_MEANINGS)
  .filter(isTiming)
  .map((field) => ({
    field,
    name: timingSettingName(field),
    meaning: TIMING_MEANINGS[field],
    expected: `a whole number of milliseconds from ${TIMING_MS_MIN} to ${TIMING_MS_MAX}`,
    defaultText: String(DEFAULT_TIMINGS[field]),
    example: String(DEFAULT_TIMINGS[field]),
    errorCode: 'CONFIG_TIMING_INVALID',
    parse: integerFrom(TIMING_MS_MIN, TIMING_MS_MAX),
  }))

/** The names of all settings. */
export const SETTING_NAMES: readonly string[] = [
  ...Object.values(SETTINGS),
  ...TIMING_SETTINGS,
].map((setting) => setting.name)

/** Whether the text names one of {@link Timings}. */
export function isTiming(name: string): name is keyof Timings {
  return Object.hasOwn(DEFAULT_TIMINGS, name)
}

/** The name that an operator knows a timing by: `dialTimeoutMs` is `DIAL_TIMEOUT_MS`. */
export function timingSettingName(field: keyof Timings): string {
  return field.replace(/[A-Z]/g, '_$&').toUpperCase()
}

/** Decimal digits only: `Number` would also take '0x10', '4e3' and the empty text. */
function integerFrom(min: number, max: number): (text: string) => Parsed<number> {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= min && value <= max ? { kind: 'value', value } : { kind: 'rejected' }
  }
}

function parseOwnAddress(text: string): Parsed<Address> {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') return { kind: 'rejected', because: parsed.problem }
  // RFC 1122 §3.2.1.3 and RFC 4291 §2.5.2: good to listen on, never to dial. The last is 0.0.0.0
  // inside IPv6.
  if (['0.0.0.0', '::', '::ffff:0:0'].includes(hostOf(parsed.address))) {
    return {
      kind: 'rejected',
      because: 'nobody can dial: to listen on every interface is what LISTEN is for',
    }
  }
  return { kind: 'value', value: parsed.address }
}

function parseMeshName(text: string): Parsed<string> {
  return isMeshName(text) ? { kind: 'value', value: text } : { kind: 'rejected' }
}

function parseLogLevel(text: string): Parsed<LogLevel> {
  const value = LOG_LEVELS.find((level) => level === text.toLowerCase())
  return value === undefined ? { kind: 'rejected' } : { kind: 'value', value }
}

function parseLogFormat(text: string): Parsed<LogFormat> {
  const value = LOG_FORMATS.find((format) => format === text.toLowerCase())
  return value === undefined ? { kind: 'rejected' } : { kind: 'value', value }
}
