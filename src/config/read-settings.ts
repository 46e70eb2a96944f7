/** The one reader of settings, from a node's files and environment or from a program's options. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { brokenRelation, DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { NO_DATA } from '../wire/node-data.ts'
import { defaultAddress, defaultListen, type Listening } from './listening.ts'
import type { MessageSettings } from './message-settings.ts'
import type { SecretMode, TlsMode, TlsPin } from './setting-values.ts'
import { MESSAGE_SETTINGS, SETTINGS, type Setting, type TimingSetting } from './settings.ts'

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

/** The settings that all sources have. {@link SETTINGS} tells their meanings and defaults. */
export interface NodeSettings extends Listening {
  /** What sets LISTEN, for messages; undefined when it is the default. */
  readonly listenSubject: string | undefined
  /** Whether ADDRESS is set, or found. Otherwise the address is the default. */
  readonly isAddressSet: boolean
  /** Whether the program finds the IP in the address, which until then is the default. */
  readonly isAddressAuto: boolean
  readonly mesh: string
  /** The first one proves, any of them verifies. Empty: whoever reaches the port may join. */
  readonly secrets: readonly string[]
  readonly secretMode: SecretMode
  readonly tls: TlsMode
  readonly tlsPin: TlsPin
  /** What the node tells of itself, as text. */
  readonly data: string
  /** Host names, or `name:port`, that requests may have in Host besides the node's own. */
  readonly httpHosts: readonly string[]
  readonly timings: Timings
  readonly messages: MessageSettings
}

/** @throws {NodeError} CONFIG_… for the first setting that is wrong */
export function readNodeSettings(source: SettingSource): NodeSettings {
  const port = readSetting(source, SETTINGS.port)
  if (port === undefined) throw settingError(source, SETTINGS.port, 'undefined')
  const listen = readSetting(source, SETTINGS.listen)
  const ofSetting = readSetting(source, SETTINGS.address)
  const isAddressAuto = ofSetting === 'ws://auto' || ofSetting === 'wss://auto'
  const scheme = ofSetting === 'wss://auto' ? 'wss' : 'ws'
  const setAddress = isAddressAuto ? undefined : ofSetting
  const address = setAddress ?? defaultAddress(port, listen ?? [], scheme)
  const tls = readSetting(source, SETTINGS.tls) ?? 'auto'
  return {
    port,
    isSecure: tls === 'auto' && address.startsWith('wss:'),
    isAddressSet: ofSetting !== undefined,
    isAddressAuto,
    address,
    listen: listen ?? defaultListen(address),
    listenSubject: listen && source.subject(SETTINGS.listen),
    mesh: readSetting(source, SETTINGS.mesh) ?? 'default',
    secrets: readSetting(source, SETTINGS.secret) ?? [],
    secretMode: readSetting(source, SETTINGS.secretMode) ?? 'require',
    tls,
    tlsPin: readSetting(source, SETTINGS.tlsPin) ?? (tls === 'off' ? 'none' : 'secret'),
    data: readSetting(source, SETTINGS.nodeData) ?? NO_DATA,
    httpHosts: readSetting(source, SETTINGS.httpHosts) ?? [],
    timings: readTimings(source),
    messages: {
      keepMib: readSetting(source, MESSAGE_SETTINGS.keepMib),
      keepSeconds: readSetting(source, MESSAGE_SETTINGS.keepSeconds),
      senderPercent: readSetting(source, MESSAGE_SETTINGS.senderPercent),
      folder: readSetting(source, MESSAGE_SETTINGS.folder),
      folderMib: readSetting(source, MESSAGE_SETTINGS.folderMib),
    },
  }
}

/**
 * Without a secret, nobody can tell a node that encrypts from a stranger in between.
 *
 * @throws {NodeError} CONFIG_TLS_INVALID
 */
export function assertCertificateProven(
  source: SettingSource,
  { address, isSecure }: Listening,
  hasProof: boolean,
): void {
  if (!isSecure || hasProof) return
  const text = source.raw(SETTINGS.address) ?? address
  const problem = `${source.subject(SETTINGS.address)} is ${text}, which needs a secret: without one nobody can tell whether a stranger in between encrypts`
  const fix = `set one on all nodes, such as the command secret --write makes, or ${source.example(SETTINGS.tls)} if a proxy in front of the node encrypts`
  throw new NodeError('CONFIG_TLS_INVALID', `${problem}; ${fix}`)
}

/** A setting; undefined when it is not set. @throws {NodeError} CONFIG_… when it is wrong */
export function readSetting<T>(source: SettingSource, setting: Setting<T>): T | undefined {
  const text = source.raw(setting)
  if (text === undefined) return undefined
  const parsed = setting.parse(text)
  if (parsed.kind === 'value') return parsed.value
  // No setting has quotes, and those around a value are gone.
  const isOpen = /^['"`]|['"`]$/.test(text)
  const because = isOpen ? 'has a quote at one end only' : parsed.because
  throw settingError(source, setting, text, because)
}

/** The error for a value that a setting cannot have. `because` follows "which". */
export function settingError(
  source: SettingSource,
  setting: Setting<unknown>,
  got: string,
  because?: string,
): NodeError {
  const reason = because === undefined ? '' : `, which ${because}`
  const rule = `${source.subject(setting)} must be ${setting.expected}`
  if (setting.isHidden === true) {
    return new NodeError(setting.errorCode, `${rule}${reason}; make one with the command secret`)
  }
  const problem = `${rule}, got ${quoted(got)}${reason}`
  const fix = `write for example ${source.example(setting)}`
  return new NodeError(setting.errorCode, `${problem}; ${fix}`)
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
  const fix = `change one of them in ${source.timingsPlace}`
  throw new NodeError('CONFIG_TIMING_INVALID', `${relation}, got ${values.join(' and ')}; ${fix}`)
}
