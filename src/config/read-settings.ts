/** The one reader of settings, from a node's files and environment or from a program's options. */

import { settingInvalid, timingsContradict } from '../errors/config-errors.ts'
import type { NodeError } from '../errors/node-error.ts'
import type { Address } from '../mesh/address/address.ts'
import { brokenRelation, DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { defaultAddress, defaultListen } from './default-address.ts'
import { SETTINGS, type Setting, type TimingSetting } from './settings.ts'

/** Where settings are set. */
export interface SettingSource {
  /** The timings that can be set there. */
  readonly timings: readonly TimingSetting[]
  /** Where they are, for messages: a file, or `the option timings`. */
  readonly timingsPlace: string
  /**
   * The text of a setting, without spaces around it; undefined when it is not set.
   *
   * @throws {NodeError} CONFIG_… when it cannot be one, or is required and missing
   */
  raw(setting: Setting<unknown>): string | undefined
  /** For messages: `PORT in /x/.env`, `the option port`. */
  subject(setting: Setting<unknown>): string
  /** Its name there: `PING_AFTER_MS`, `pingAfterMs`. */
  nameOf(timing: TimingSetting): string
  /** How it is set to its example: `PORT=4001`, `port: 4001`. */
  example(setting: Setting<unknown>): string
}

/** The settings that all sources have. */
export interface NodeSettings {
  /** TCP port to listen on, 1 to 65535. */
  readonly port: number
  /**
   * Our own address, the first in every HANDSHAKE. Default `ws://localhost:PORT`, or the first IP
   * of LISTEN when localhost does not lead to any of them.
   */
  readonly address: Address
  readonly isDefaultAddress: boolean
  /** Default: both loopbacks, or all interfaces when ADDRESS is not on loopback. */
  readonly listen: readonly string[]
  readonly isListenSet: boolean
  /** The name of the network. Default `default`. */
  readonly mesh: string
  readonly timings: Timings
}

/** @throws {NodeError} CONFIG_… for the first setting that is wrong */
export function readNodeSettings(source: SettingSource): NodeSettings {
  const port = readSetting(source, SETTINGS.port)
  if (port === undefined) throw settingError(source, SETTINGS.port, 'undefined')
  const listen = readSetting(source, SETTINGS.listen)
  const ownAddress = readSetting(source, SETTINGS.address)
  const address = ownAddress ?? defaultAddress(port, listen ?? [])
  return {
    port,
    address,
    isDefaultAddress: ownAddress === undefined,
    listen: listen ?? defaultListen(address),
    isListenSet: listen !== undefined,
    mesh: readSetting(source, SETTINGS.mesh) ?? 'default',
    timings: readTimings(source),
  }
}

/** A setting; undefined when it is not set. @throws {NodeError} CONFIG_… when it is wrong */
export function readSetting<T>(source: SettingSource, setting: Setting<T>): T | undefined {
  const text = source.raw(setting)
  if (text === undefined) return undefined
  const parsed = setting.parse(text)
  if (parsed.kind === 'value') return parsed.value
  throw settingError(source, setting, text, parsed.because)
}

/** The error for a value that a setting cannot have. */
export function settingError(
  source: SettingSource,
  setting: Setting<unknown>,
  got: string,
  because?: string,
): NodeError {
  return settingInvalid({
    code: setting.errorCode,
    subject: source.subject(setting),
    expected: setting.expected,
    got,
    because,
    example: source.example(setting),
  })
}

function readTimings(source: SettingSource): Timings {
  const timings: { -readonly [Field in keyof Timings]: number } = { ...DEFAULT_TIMINGS }
  for (const setting of source.timings) {
    timings[setting.field] = readSetting(source, setting) ?? timings[setting.field]
  }
  const broken = brokenRelation(timings)
  if (broken === undefined) return timings
  const values: number[] = []
  const relation = broken.replace(/\w+/g, (word) => {
    const setting = source.timings.find(({ field }) => field === word)
    if (setting === undefined) return word
    values.push(timings[setting.field])
    return source.nameOf(setting)
  })
  throw timingsContradict(source.timingsPlace, relation, values.join(' and '))
}
