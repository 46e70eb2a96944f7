/**
 * The text of each setting, from the environment and `.env`, and warnings about ignored keys.
 * env-file.ts parses lines, settings.ts values, and read-settings.ts puts both together.
 */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'
import { type EnvFile, parseEnvFile } from './env-file.ts'
import type { Environment } from './environment.ts'
import type { SettingSource } from './read-settings.ts'
import {
  RETIRED_NAMES,
  SETTING_NAMES,
  SETTINGS,
  type Setting,
  TIMING_SETTINGS,
  type TimingSetting,
} from './settings.ts'
import { closestName } from './spelling-suggestion.ts'
import { readTextFile } from './text-file.ts'

/** The environment and a `.env`, which may be missing when the environment has a PORT. */
export class EnvSource implements SettingSource {
  readonly timings = TIMING_SETTINGS
  readonly timingsPlace: string
  readonly #env: Environment
  readonly #file: string
  readonly #isMissing: boolean
  readonly #entries: EnvFile

  constructor(file: string, env: Environment) {
    const text = readTextFile(file)
    this.timingsPlace = file
    this.#file = file
    this.#env = env
    this.#isMissing = text === undefined
    this.#entries = parseEnvFile(text ?? '')
  }

  raw({ name }: Setting<unknown>): string | undefined {
    const text = this.#variable(name) || (this.#entries.values.get(name)?.trim() ?? '')
    if (text !== '') return text
    if (name === SETTINGS.port.name) throw this.#portMissing()
    return undefined
  }

  placeOf({ name }: Setting<unknown>): string {
    return this.#variable(name) === '' ? this.#file : `the environment variable ${name}`
  }

  /** The file that sets it; undefined when a variable of the environment does. */
  fileOf({ name }: Setting<unknown>): string | undefined {
    return this.#variable(name) === '' ? this.#file : undefined
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

  /** Probable mistakes. An unknown key alone is not one: other programs may read the same file. */
  warnings(): readonly string[] {
    const { values, unassigned } = this.#entries
    const keys = [...values.keys()]
    const problems = [
      ...keys.flatMap((key) => this.#problemWith(key, keys) ?? []),
      ...[...unassigned].flatMap(([key, line]) => {
        // The rest of the line may be the secret.
        const shown = quoted(key === SETTINGS.secret.name ? `${key} …` : line)
        return SETTING_NAMES.includes(key) ? `${shown} ${SIGN_MISSING} ${key}=…` : []
      }),
    ]
    const variables = RETIRED_NAMES.filter((name) => this.#variable(name) !== '')
    return [
      ...problems.map((problem) => `${this.#file}: ${problem}`),
      ...variables.map((name) => `the environment variable ${name} ${RETIRED}; unset it`),
    ]
  }

  #problemWith(key: string, keys: readonly string[]): string | undefined {
    if (RETIRED_NAMES.includes(key)) return `'${key}' ${RETIRED}; delete the line`
    const meant = closestName(key, SETTING_NAMES)
    if (meant === key && this.#entries.repeated.has(key)) {
      return `${key} is set in several lines; the last one counts, delete the others`
    }
    if (meant === undefined || meant === key) return undefined
    const advice = keys.includes(meant)
      ? `did you mean ${meant}, which has a line of its own? delete one of them`
      : `did you mean ${meant}?`
    return `'${key}' is not a setting and is ignored; ${advice}`
  }

  #portMissing(): NodeError {
    if (this.#isMissing) {
      const message = `${this.#file} is missing; create it with the command init, or with a line such as PORT=4001`
      return new NodeError('CONFIG_ENV_FILE_MISSING', message)
    }
    const { values, unassigned } = this.#entries
    const line = unassigned.get('PORT')
    if (line !== undefined) {
      const message = `${this.#file}: ${quoted(line)} ${SIGN_MISSING} PORT=4001`
      return new NodeError('CONFIG_PORT_MISSING', message)
    }
    const keys = [...values.keys()]
    const lookalike = keys.find((key) => key !== 'PORT' && closestName(key, ['PORT']))
    const problem =
      lookalike === undefined
        ? 'has no PORT; add a line such as PORT=4001'
        : `has no PORT but ${quoted(lookalike)}; did you mean PORT? write a line such as PORT=4001`
    return new NodeError('CONFIG_PORT_MISSING', `${this.#file} ${problem}`)
  }

  #variable(name: string): string {
    return this.#env[name]?.trim() ?? ''
  }
}

/** Goes on with the right line. */
const SIGN_MISSING = 'has no equals sign; write'

const RETIRED = 'is no longer a setting and is ignored'
