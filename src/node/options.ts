/**
 * The options of a {@link MeshNode}, checked by the rules of the settings in `.env`. Reads neither
 * files nor the environment.
 */

import { randomBytes } from 'node:crypto'
import { readAddressList } from '../config/address-list.ts'
import { OptionSource } from '../config/option-source.ts'
import { type NodeSettings, readNodeSettings } from '../config/read-settings.ts'
import { TIMING_OPTIONS } from '../config/settings.ts'
import { closestName } from '../config/spelling-suggestion.ts'
import { optionUnknown, settingInvalid } from '../errors/config-errors.ts'
import type { HttpHandler, HttpHandlerOptions } from '../http/http-handler.ts'
import { valueText } from '../log/printable.ts'
import type { Address } from '../mesh/address/address.ts'
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
  /** Where the port was set, for messages. Default `the option port`. @internal */
  readonly portSource?: string
  /** Where `listen` was set, for warnings. Default `the option listen`. @internal */
  readonly listenSubject?: string | undefined
  /** SHA-256 of the running code as 64 hex digits, for peers. Default: not sent. @internal */
  readonly code?: string
  /** The runtime, such as `Node.js 22.23.2`, for peers. Default: not sent. @internal */
  readonly runtime?: string
  /** Makes the HTTP side. Default: every request that is no upgrade gets 426. @internal */
  readonly site?: (facts: SiteFacts) => NodeSite
}

/** What a node gives its HTTP side. @internal */
export type SiteFacts = Omit<HttpHandlerOptions, 'allow' | 'page' | 'version' | 'runtime'>

/** The HTTP side of a node. @internal */
export type NodeSite = Pick<HttpHandler, 'close' | 'handle' | 'observe'>

/** Options, checked. @internal */
export interface ParsedOptions extends Omit<NodeSettings, 'isDefaultAddress' | 'mesh'> {
  readonly identity: Identity
  readonly portSource: string
  readonly knownPeers: readonly Address[]
}

const PUBLIC_NAMES = ['port', 'address', 'listen', 'knownPeers', 'mesh', 'timings'] as const
const INTERNAL_NAMES = ['portSource', 'code', 'listenSubject', 'runtime', 'site'] as const
const TIMING_NAMES = TIMING_OPTIONS.map(({ field }) => field)

/**
 * Parses the options of a program. Programs in JavaScript can pass anything.
 *
 * @throws {NodeError} CONFIG_… for the first option that is wrong
 *
 * @internal
 */
export function parseOptions(options: MeshNodeOptions): ParsedOptions {
  assertOptions(options)
  const { knownPeers = [], portSource = 'the option port', code = '' } = options
  const { isDefaultAddress, mesh, ...settings } = readNodeSettings(new OptionSource(options))
  const { address } = settings
  return {
    ...settings,
    identity: { version: PROTOCOL_VERSION, mesh, id: drawMeshId(), address, code },
    portSource,
    knownPeers: readAddressList('the option knownPeers', knownPeers, 'an array'),
  }
}

function assertOptions(options: MeshNodeOptions): void {
  if (!isObject(options)) {
    throw settingInvalid({
      code: 'CONFIG_PORT_INVALID',
      subject: 'the argument of new MeshNode',
      expected: 'an object that has a port',
      because: 'is not an object',
      got: valueText(options),
      example: 'new MeshNode({ port: 4001 })',
    })
  }
  assertNames(options, 'an option of new MeshNode', PUBLIC_NAMES, INTERNAL_NAMES)
  const { timings = {} } = options
  if (!isObject(timings)) {
    throw settingInvalid({
      code: 'CONFIG_TIMING_INVALID',
      subject: 'the option timings',
      expected: 'an object',
      because: 'is not an object',
      got: valueText(timings),
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
  const known: readonly string[] = [...names, ...internal]
  const name = Object.keys(value).find((key) => !known.includes(key))
  if (name !== undefined) throw optionUnknown(name, what, closestName(name, names), names)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function drawMeshId(): MeshId {
  const id = parseMeshId(randomBytes(16).toString('hex'))
  if (id === undefined) throw new Error('16 random bytes are 32 hex digits')
  return id
}
