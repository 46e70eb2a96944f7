/** Reads settings from the options of a program. */

import { refusal, type Source } from '../config/read-settings.ts'
import { SETTINGS, type Setting, TIMING_OPTIONS, type TimingSetting } from '../config/settings.ts'
import type { Timings } from '../mesh/timings.ts'

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

/** The options of a program as a source of settings. */
export class OptionSource implements Source {
  readonly timings = TIMING_OPTIONS
  readonly timingsPlace = 'the option timings'
  /** By the names of their settings. */
  readonly #options: ReadonlyMap<string, Option>

  constructor({ port, address, listen, mesh, timings }: RawOptions) {
    const example = {
      address: `address: '${SETTINGS.address.example}'`,
      listen: "listen: ['127.0.0.1', '::1']",
      mesh: `mesh: '${SETTINGS.mesh.example}'`,
    }
    this.#options = new Map<string, Option>([
      ['PORT', { path: 'port', type: 'number', value: port, example: 'port: 4001' }],
      ['ADDRESS', { path: 'address', type: 'string', value: address, example: example.address }],
      ['LISTEN', { path: 'listen', type: 'array', value: listen, example: example.listen }],
      ['MESH', { path: 'mesh', type: 'string', value: mesh, example: example.mesh }],
      ...TIMING_OPTIONS.map(({ name, field, ...setting }): [string, Option] => {
        const example = `timings: { ${field}: ${setting.example} }`
        return [
          name,
          { path: `timings.${field}`, type: 'number', value: timings?.[field], example },
        ]
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
      throw refusal(this, setting, shown(value), because)
    }
    if (!Array.isArray(value)) return String(value)
    const isText = value.every((entry) => typeof entry === 'string')
    if (!isText) throw refusal(this, setting, '[…]', 'has an entry that is not a string')
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
    if (option === undefined) throw new Error(`${name} is no option`)
    return option
  }
}

/** A value for messages, which quote it. Objects can hold anything, so they are not looked into. */
export function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? '{…}' : String(value)
}
