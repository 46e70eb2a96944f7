/**
 * The options of a {@link MeshNode}: plain values of a program become what the core works with, or
 * an error that says which option is wrong and what would be right. The rules are those of the
 * settings in `.env`. Reads neither files nor the environment.
 */

import { randomBytes } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { defaultAddress, defaultListen } from '../config/default-address.ts'
import { describeValue, readKnownAddresses } from '../config/known-addresses.ts'
import { SETTINGS, type Setting, TIMING_SETTINGS } from '../config/settings.ts'
import { NodeError } from '../errors/node-error.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Counters } from '../mesh/counters.ts'
import type { MeshEvent } from '../mesh/events.ts'
import type { Overview } from '../mesh/overview.ts'
import { brokenRelation, DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION, parseMeshId } from '../wire/headers.ts'

/** What a program says about its node. Only `port` is required. */
export interface MeshNodeOptions {
  /**
   * TCP port to listen on, 1 to 65535. Not 0 for any free one: a node has to know its address
   * before it listens.
   */
  readonly port: number
  /**
   * Where other nodes dial this one. Default `ws://localhost:PORT`, or the first IP of `listen`
   * when localhost does not lead to any of them.
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
   * Where `listen` was set, for the program's warnings. Default `the option listen`.
   *
   * @internal
   */
  readonly listenSubject?: string | undefined
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

/** What the HTTP side of a node may know of it. @internal */
export interface SiteFacts {
  readonly identity: Identity
  readonly port: number
  /** What the core knows now. */
  readonly overview: () => Overview
  /** What the core has counted. */
  readonly counters: () => Counters
  /** How many entries each table of the core holds, by its name. */
  readonly sizes: () => Readonly<Record<string, number>>
  /** Asks the peers for their links. */
  readonly survey: () => void
}

/** The HTTP side of a node, as the node sees it. @internal */
export interface NodeSite {
  /** Is told what happens in the mesh. */
  observe(event: MeshEvent): void
  /** Answers a request. Never throws. */
  handle(request: IncomingMessage, response: ServerResponse): void
  /** Ends what is under way, for good. */
  close(): void
}

/** Options that need not be checked again. @internal */
export interface ParsedOptions {
  readonly identity: Identity
  readonly port: number
  readonly portSource: string
  readonly address: Address
  readonly listen: readonly string[]
  /** Whether somebody asked for these IPs. */
  readonly isListenSet: boolean
  readonly knownPeers: readonly Address[]
  readonly timings: Timings
}

/** What the options lack of a setting: how a program writes it. */
interface Option<T> {
  readonly name: string
  readonly type: 'number' | 'string'
  readonly setting: Setting<T>
  readonly example: string
}

/**
 * Parses the options of a program. Programs in JavaScript can pass anything.
 *
 * @throws {NodeError} CONFIG_… for the first option that is wrong
 *
 * @internal
 */
export function parseOptions(options: MeshNodeOptions): ParsedOptions {
  assertObject(options, {
    code: SETTINGS.port.errorCode,
    subject: 'the argument of new MeshNode',
    expected: 'an object that has a port',
    example: 'new MeshNode({ port: 4001 })',
  })
  const { portSource = 'the option port', code = '' } = options
  const port = read(PORT, options.port)
  const ownListen = options.listen === undefined ? undefined : readListen(options.listen)
  const ownAddress = options.address === undefined ? undefined : read(ADDRESS, options.address)
  const address = ownAddress ?? defaultAddress(port, ownListen ?? [])
  const mesh = options.mesh === undefined ? 'default' : read(MESH, options.mesh)
  return {
    identity: { version: PROTOCOL_VERSION, mesh, id: drawMeshId(), address, code },
    port,
    portSource,
    address,
    listen: ownListen ?? defaultListen(address),
    isListenSet: ownListen !== undefined,
    knownPeers: options.knownPeers === undefined ? [] : readKnownPeers(options.knownPeers),
    timings: options.timings === undefined ? DEFAULT_TIMINGS : readTimings(options.timings),
  }
}

const PORT: Option<number> = {
  name: 'port',
  type: 'number',
  setting: SETTINGS.port,
  example: 'port: 4001',
}

const ADDRESS: Option<Address> = {
  name: 'address',
  type: 'string',
  setting: SETTINGS.address,
  example: `address: '${SETTINGS.address.example}'`,
}

const MESH: Option<string> = {
  name: 'mesh',
  type: 'string',
  setting: SETTINGS.mesh,
  example: `mesh: '${SETTINGS.mesh.example}'`,
}

function read<T>({ name, type, setting, example }: Option<T>, value: unknown): T {
  const refuse = (because: string | undefined): NodeError =>
    NodeError.settingInvalid({
      code: setting.errorCode,
      subject: `the option ${name}`,
      expected: setting.expected,
      got: shown(value),
      because,
      example,
    })
  // A text that happens to be right is refused, too: whoever passes it expects it to be read.
  if (typeof value !== type) throw refuse(`is not a ${type}`)
  const parsed = setting.parse(String(value))
  if (parsed.kind === 'value') return parsed.value
  throw refuse(parsed.because)
}

function readListen(value: unknown): readonly string[] {
  const refuse = (got: string, because: string | undefined): NodeError =>
    NodeError.settingInvalid({
      code: SETTINGS.listen.errorCode,
      subject: 'the option listen',
      expected: 'an array of IP addresses',
      got,
      because,
      example: "listen: ['127.0.0.1', '::1']",
    })
  if (!Array.isArray(value)) throw refuse(shown(value), 'is not an array')
  const isText = (entry: unknown): entry is string => typeof entry === 'string'
  if (!value.every(isText)) throw refuse('[…]', 'has an entry that is not a string')
  // The setting is the same list as one text.
  const parsed = SETTINGS.listen.parse(value.join())
  if (parsed.kind === 'value') return parsed.value
  throw refuse(value.join(), parsed.because)
}

function readKnownPeers(value: unknown): readonly Address[] {
  const subject = 'the option knownPeers'
  if (Array.isArray(value)) return readKnownAddresses(subject, value)
  const problem = `must be an array, got ${describeValue(value)}`
  throw NodeError.knownPeersInvalid({ file: subject, problem })
}

function assertObject(
  value: unknown,
  facts: Omit<Parameters<typeof NodeError.settingInvalid>[0], 'got' | 'because'>,
): void {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return
  throw NodeError.settingInvalid({ ...facts, got: shown(value), because: 'is none' })
}

function readTimings(value: NonNullable<MeshNodeOptions['timings']>): Timings {
  assertObject(value, {
    code: 'CONFIG_TIMING_INVALID',
    subject: 'the option timings',
    expected: 'an object',
    example: 'timings: { pingAfterMs: 15000 }',
  })
  const timings: { -readonly [Field in keyof Timings]: number } = { ...DEFAULT_TIMINGS }
  for (const setting of TIMING_SETTINGS) {
    const { field, example } = setting
    const ms = value[field]
    if (ms === undefined) continue
    const name = `timings.${field}`
    timings[field] = read(
      { name, type: 'number', setting, example: `timings: { ${field}: ${example} }` },
      ms,
    )
  }
  const relation = brokenRelation(timings)
  if (relation === undefined) return timings
  const fields = TIMING_SETTINGS.map(({ field }) => field).filter((field) =>
    relation.split(/\W+/).includes(field),
  )
  const values = fields.map((field) => `${field}: ${timings[field]}`).join(' and ')
  throw NodeError.timingsContradict({ file: 'the option timings', relation, values })
}

/** A value for messages, which quote it. Does not look into objects: they can hold anything. */
function shown(value: unknown): string {
  return typeof value === 'object' && value !== null ? '{…}' : String(value)
}

function drawMeshId(): MeshId {
  const id = parseMeshId(randomBytes(16).toString('hex'))
  if (id === undefined) throw new Error('16 random bytes are 32 hex digits')
  return id
}
