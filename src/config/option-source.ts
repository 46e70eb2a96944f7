/** Reads settings from the options of a program. */

import { valueText } from '../log/printable.ts'
import type { Timings } from '../mesh/timings.ts'
import { type SettingSource, settingError } from './read-settings.ts'
import { SETTINGS, type Setting, TIMING_OPTIONS, type TimingSetting } from './settings.ts'

/** Options as a program in JavaScript can pass them. */
interface RawOptions {
  readonly port: unknown
  readonly address?: unknown
  readonly listen?: unknown
  readonly mesh?: unknown
  readonly timings?: { readonly [Field in keyof Timings]?: unknown } | undefined
}

/** How a program sets a setting. */
interface Option {
  readonly path: string
  readonly type: 'number' | 'string' | 'array'
  readonly value: unknown
  readonly example: string
}

export class OptionSource implements SettingSource {
  readonly timings = TIMING_OPTIONS
  readonly timingsPlace = 'the option timings'
  /** By the names of their settings. */
  readonly #options: ReadonlyMap<string, Option>

  constructor({ port, address, listen, mesh, timings }: RawOptions) {
    const option = (
      path: string,
      type: Option['type'],
      value: unknown,
      example: string,
    ): Option => ({ path, type, value, example })
    this.#options = new Map([
      ['PORT', option('port', 'number', port, 'port: 4001')],
      ['ADDRESS', option('address', 'string', address, `address: '${SETTINGS.address.example}'`)],
      ['LISTEN', option('listen', 'array', listen, "listen: ['127.0.0.1', '::1']")],
      ['MESH', option('mesh', 'string', mesh, `mesh: '${SETTINGS.mesh.example}'`)],
      ...TIMING_OPTIONS.map(({ name, field, ...setting }): [string, Option] => {
        const example = `timings: { ${field}: ${setting.example} }`
        return [name, option(`timings.${field}`, 'number', timings?.[field], example)]
      }),
    ])
  }

  raw(setting: Setting<unknown>): string | undefined {
    const { type, value } = this.#option(setting)
    if (value === undefined) return undefined
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

  subject(setting: Setting<unknown>): string {
    return `the option ${this.#option(setting).path}`
  }

  nameOf({ field }: TimingSetting): string {
    return field
  }

  example(setting: Setting<unknown>): string {
    return this.#option(setting).example
  }

  #option({ name }: Setting<unknown>): Option {
    const option = this.#options.get(name)
    if (option === undefined) throw new Error(`${name} is not an option`)
    return option
  }
}
