/** Reads settings from the options of a program. */

import { valueText } from '../log/printable.ts'
import type { Timings } from '../mesh/timings.ts'
import { encodeNodeData } from '../wire/node-data.ts'
import type { MessageSettings } from './message-settings.ts'
import { type SettingSource, settingError } from './read-settings.ts'
import { type Option, type Setting, TIMING_OPTIONS, type TimingSetting } from './settings.ts'

/** Options as a program in JavaScript can pass them. */
interface RawOptions {
  readonly port: unknown
  readonly address?: unknown
  readonly listen?: unknown
  readonly mesh?: unknown
  readonly secret?: unknown
  readonly secretMode?: unknown
  readonly tls?: unknown
  readonly tlsPin?: unknown
  readonly data?: unknown
  readonly httpHosts?: unknown
  readonly timings?: { readonly [Field in keyof Timings]?: unknown } | undefined
  readonly messages?: { readonly [Field in keyof MessageSettings]?: unknown } | undefined
}

export class OptionSource implements SettingSource {
  readonly timings = TIMING_OPTIONS
  readonly timingsPlace = 'the option timings'
  /** By the paths of the options. */
  readonly #values: ReadonlyMap<string, unknown>

  constructor({ messages = {}, timings, ...options }: RawOptions) {
    const { port, address, listen, mesh, secret, secretMode, tls, tlsPin, data, httpHosts } =
      options
    this.#values = new Map([
      ...Object.entries({ port, address, listen, mesh, secret, secretMode, data, httpHosts }),
      ...Object.entries({ tls, tlsPin }),
      ...Object.entries(messages).map(([field, value]) => [`messages.${field}`, value] as const),
      ...TIMING_OPTIONS.map(({ field }) => [`timings.${field}`, timings?.[field]] as const),
    ])
  }

  raw(setting: Setting<unknown>): string | undefined {
    const { path, type } = optionOf(setting)
    const value = this.#values.get(path)
    if (value === undefined) return undefined
    if (type === 'object') return this.#jsonOf(setting, value)
    // A text with a number in it is refused, too: most are mistakes of the program.
    const isRight = type === 'array' ? Array.isArray(value) : typeof value === type
    if (!isRight) {
      const because = `is not ${type === 'array' ? 'an' : 'a'} ${type}`
      throw settingError(this, setting, valueText(value), because)
    }
    if (!Array.isArray(value)) return String(value)
    const isText = value.every((entry) => typeof entry === 'string')
    if (!isText) throw settingError(this, setting, '[…]', 'has an entry that is not a string')
    return value.join()
  }

  #jsonOf(setting: Setting<unknown>, value: unknown): string {
    const encoded = encodeNodeData(value)
    if (encoded.kind === 'text') return encoded.text
    throw settingError(this, setting, valueText(value), encoded.problem)
  }

  subject(setting: Setting<unknown>): string {
    return `the option ${optionOf(setting).path}`
  }

  nameOf({ field }: TimingSetting): string {
    return field
  }

  example(setting: Setting<unknown>): string {
    return optionOf(setting).example
  }
}

function optionOf({ name, option }: Setting<unknown>): Option {
  if (option === undefined) throw new Error(`${name} is not an option`)
  return option
}
