/**
 * The options of a {@link MeshNode}, checked by the rules of the settings in `.env`. Reads neither
 * files nor the environment.
 */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { describeValue, readKnownAddresses } from '../config/known-addresses.ts'
import { nearest } from '../config/near-miss.ts'
import {
  type NodeSettings,
  readNodeSettings,
  refusal,
  type Source,
} from '../config/read-settings.ts'
import { SETTINGS, type Setting, TIMING_OPTIONS, type TimingSetting } from '../config/settings.ts'
import { knownPeersInvalid, optionUnknown, settingInvalid } from '../errors/config-errors.ts'
import type { Traffic } from '../io/traffic.ts'
import type { Address } from '../mesh/address/address.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Overview } from '../mesh/overview.ts'
import type { Timings } from '../mesh/timings.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION, parseMeshId } from '../wire/headers.ts'

/** The options of a node. Only `port` is required; an unknown name is an error. */
export interface MeshNodeOptions {
  /** TCP port to listen on, 1 to 65535. 0 is refused: a node needs its address to listen. */
  readonly port: number
  /**
   * Where other nodes dial this one. Default `ws://localhost:PORT`, or the first IP of `listen`
   * when localhost leads to none of them.
   */
  readonly address?: string | undefined
  /**
   * IP addresses to listen on. Default: this machine only; all interfaces when `address` is
   * elsewhere.
   */
  readonly listen?: readonly string[] | undefined
  /**
   * Addresses to start from, at most 4,096; the node's own may be among them. Default none: the
   * node waits to be dialed.
   */
  readonly knownPeers?: readonly string[] | undefined
  /** The network that the node belongs to; others are refused. Default `default`. */
  readonly mesh?: string | undefined
  /** Intervals that differ from the default, {@link DEFAULT_TIMINGS}. 10 ms to 1 hour. */
  readonly timings?: { readonly [Name in keyof Timings]?: number | undefined } | undefined
  /**
   * Where the port was set, for the program's error messages. Default `the option port`.
   *
   * @internal
   */
  readonly portSource?: string
  /**
   * SHA-256 of the running code as 64 hex digits, which peers compare with theirs. Default: not
   * told.
   *
   * @internal
   */
  readonly code?: string
  /**
   * What runs the node, such as `Node.js 22.23.2`, which peers are told when they ask. Default: not
   * told.
   *
   * @internal
   */
  readonly runtime?: string
  /**
   * Makes what answers HTTP on the node's port. Default: every request that is no upgrade gets 426.
   *
   * @internal
   */
  readonly site?: (facts: SiteFacts) => NodeSite
}

/** What the HTTP side of a node may know of it. */
export interface SiteFacts {
  readonly identity: Identity
  readonly port: number
  /** What the core knows now. */
  readonly overview: () => Overview
  /** How many entries each table of the core holds, by its name. */
  readonly sizes: () => Readonly<Record<string, number>>
  /** Asks the peers for their links. */
  readonly look: () => void
}

/** The HTTP side of a node, as the node sees it. */
export interface NodeSite {
  /** Is told what goes between the node and its peers. */
  readonly metrics: Traffic
  /** Is told what happens in the mesh. */
  observe(event: MeshEvent): void
  /** Answers a request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Ends what is under way, for good. */
  close(): void
}

/** Options, checked. */
export interface ParsedOptions extends Omit<NodeSettings, 'isDefaultAddress' | 'mesh'> {
  readonly identity: Identity
  readonly portSource: string
  readonly knownPeers: readonly Address[]
}

/** How a program sets a setting. */
interface Option {
  readonly path: string
  readonly type: 'number' | 'string' | 'array'
}

const OPTIONS: Readonly<Record<string, Option>> = {
  [SETTINGS.port.name]: { path: 'port', type: 'number' },
  [SETTINGS.address.name]: { path: 'address', type: 'string' },
  [SETTINGS.listen.name]: { path: 'listen', type: 'array' },
  [SETTINGS.mesh.name]: { path: 'mesh', type: 'string' },
}

const PUBLIC_NAMES: readonly string[] = [
  'port',
  'address',
  'listen',
  'knownPeers',
  'mesh',
  'timings',
]
const INTERNAL_NAMES: readonly string[] = ['portSource', 'code', 'runtime', 'site']
const TIMING_NAMES: readonly string[] = TIMING_OPTIONS.map(({ field }) => field)

/**
 * Parses the options of a program. Programs in JavaScript can pass anything.
 *
 * @throws {NodeError} CONFIG_… for the first option that is wrong
 */
export function parseOptions(options: MeshNodeOptions): ParsedOptions {
  assertOptions(options)
  const { knownPeers, portSource = 'the option port', code = '' } = options
  const { isDefaultAddress, mesh, ...settings } = readNodeSettings(new OptionSource(options))
  const { address } = settings
  return {
    ...settings,
    identity: { version: PROTOCOL_VERSION, mesh, id: drawMeshId(), address, code },
    portSource,
    knownPeers: knownPeers === undefined ? [] : readKnownPeers(knownPeers),
  }
}

function assertOptions(options: MeshNodeOptions): void {
  if (!isObject(options)) {
    throw settingInvalid({
      code: SETTINGS.port.errorCode,
      subject: 'the argument of new MeshNode',
      expected: 'an object that has a port',
      because: 'is none',
      got: shown(options),
      example: 'new MeshNode({ port: 4001 })',
    })
  }
  assertNames(options, 'an option of new MeshNode', PUBLIC_NAMES, INTERNAL_NAMES)
  const { timings } = options
  if (timings === undefined) return
  if (!isObject(timings)) {
    throw settingInvalid({
      code: 'CONFIG_TIMING_INVALID',
      subject: 'the option timings',
      expected: 'an object',
      because: 'is none',
      got: shown(timings),
      example: 'timings: { pingAfterMs: 15000 }',
    })
  }
  assertNames(timings, 'a timing', TIMING_NAMES)
}

function assertNames(
  value: object,
  what: string,
  names: readonly string[],
  internal: readonly string[] = [],
): void {
  const known = [...names, ...internal]
  const name = Object.keys(value).find((key) => !known.includes(key))
  if (name !== undefined)
    throw optionUnknown({ name, what, meant: nearest(name, names), all: names })
}

/** The options of a program as a source of settings. */
class OptionSource implements Source {
  readonly timings = TIMING_OPTIONS
  readonly timingsPlace = 'the option timings'
  readonly #options: MeshNodeOptions

  constructor(options: MeshNodeOptions) {
    this.#options = options
  }

  raw(setting: Setting<unknown>): string | undefined {
    const { type } = optionOf(setting)
    const value = this.#valueOf(setting)
    if (value === undefined) return undefined
    const refuse = (got: string, because: string) => refusal(this, setting, got, because)
    if (type !== 'array') {
      // A text with a number in it is refused, too: most are mistakes of the program.
      if (typeof value !== type) throw refuse(shown(value), `is not a ${type}`)
      return String(value)
    }
    if (!Array.isArray(value)) throw refuse(shown(value), 'is not an array')
    const entries: readonly unknown[] = value
    if (entries.some((entry) => typeof entry !== 'string')) {
      throw refuse('[…]', 'has an entry that is not a string')
    }
    return entries.join()
  }

  subject(setting: Setting<unknown>): string {
    return `the option ${optionOf(setting).path}`
  }

  nameOf({ field }: TimingSetting): string {
    return field
  }

  example(setting: Setting<unknown>): string {
    const { path, type } = optionOf(setting)
    const { example } = setting
    const texts = example.split(',').map((text) => `'${text}'`)
    const value = { number: example, string: `'${example}'`, array: `[${texts.join(', ')}]` }[type]
    const [group, field] = path.split('.')
    return field === undefined ? `${path}: ${value}` : `${group}: { ${field}: ${value} }`
  }

  #valueOf(setting: Setting<unknown>): unknown {
    const [first = '', second] = optionOf(setting).path.split('.')
    const value: unknown = Reflect.get(this.#options, first)
    if (second === undefined) return value
    return isObject(value) ? Reflect.get(value, second) : undefined
  }
}

function optionOf({ name }: Setting<unknown>): Option {
  const timing = TIMING_OPTIONS.find((setting) => setting.name === name)
  const option = timing
    ? ({ path: `timings.${timing.field}`, type: 'number' } as const)
    : OPTIONS[name]
  if (option === undefined) throw new Error(`${name} is no option`)
  return option
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readKnownPeers(value: unknown): readonly Address[] {
  const subject = 'the option knownPeers'
  if (Array.isArray(value)) return readKnownAddresses(subject, value)
  const problem = `must be an array, got ${describeValue(value)}`
  throw knownPeersInvalid({ file: subject, problem })
}

/** A value for messages, which quote it. Objects can hold anything, so they are not looked into. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? '{…}' : String(value)
}

function drawMeshId(): MeshId {
  const id = parseMeshId(randomBytes(16).toString('hex'))
  if (id === undefined) throw new Error('16 random bytes are 32 hex digits')
  return id
}
