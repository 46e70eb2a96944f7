/**
 * The options of a {@link MeshNode}, checked by the rules of the settings in `.env`. Reads neither
 * files nor the environment.
 */

import { randomBytes } from 'node:crypto'
import { certificateOf } from '../config/certificates.ts'
import { readKnownPeers } from '../config/known-peers.ts'
import type { MessageSettings } from '../config/message-settings.ts'
import { OptionSource } from '../config/option-source.ts'
import {
  assertCertificateProven,
  type NodeSettings,
  readNodeSettings,
  settingError,
} from '../config/read-settings.ts'
import type { SecretMode, TlsMode, TlsPin } from '../config/setting-values.ts'
import { SETTINGS, TIMING_OPTIONS } from '../config/settings.ts'
import { closestName } from '../config/spelling-suggestion.ts'
import type { Source } from '../discovery/source.ts'
import { NodeError, type NodeErrorCode } from '../errors/node-error.ts'
import type { NodeSite, SiteFacts } from '../http/site.ts'
import { PortReservation } from '../io/port-reservation.ts'
import { quoted, valueText } from '../log/printable.ts'
import type { Address } from '../mesh/address/address.ts'
import type { Timings } from '../mesh/timings.ts'
import type { Certificate, CertificateText } from '../tls/certificate.ts'
import { type Identity, type MeshId, PROTOCOL_VERSION, parseMeshId } from '../wire/headers.ts'
import { encodeNodeData, type NodeData } from '../wire/node-data.ts'

/** The options of a node. Only `port` is required; an unknown name is an error. */
export interface MeshNodeOptions {
  /** TCP port to listen on, up to 65535. 0 takes a free one, which `address` of the node has. */
  readonly port: number
  /**
   * Where other nodes dial this one. Default `ws://localhost:PORT`, or the first IP of `listen`
   * when localhost leads to none of them.
   */
  readonly address?: string | undefined
  /** IPs to listen on. Default: this machine only; all interfaces when `address` is elsewhere. */
  readonly listen?: readonly string[] | undefined
  /**
   * Addresses to start from, at most 4,096; the node's own may be among them. And names in DNS that
   * lead to addresses, at most 16: `dns:NAME:PORT`, `srv:_SERVICE._tcp.NAME`; or `lan`, for nodes
   * that announce themselves on the local network, which without `address` is this machine alone.
   * Default none: the node waits to be dialed.
   */
  readonly knownPeers?: readonly string[] | undefined
  /** The network that the node belongs to; others are refused. Default `default`. */
  readonly mesh?: string | undefined
  /**
   * Only nodes that prove it are connected: text of at least 32 characters, such as the command
   * `secret` prints. Several, a line each: the first one proves, any of them verifies. Default
   * none: whoever reaches the port may join.
   */
  readonly secret?: string | undefined
  /**
   * `accept` connects nodes without the secret as well, while all get it one after the other: it
   * protects nothing. Default `require`.
   */
  readonly secretMode?: SecretMode | undefined
  /**
   * `off` when a proxy encrypts in front of a node whose address begins with `wss:`. Default
   * `auto`: the node encrypts itself, with a certificate that it makes, and needs a secret.
   */
  readonly tls?: TlsMode | undefined
  /**
   * A certificate, with its chain, and its private key, as PEM. {@link MeshNode.replaceCertificate}
   * takes another one while the node runs. With `ca`, certificates of authorities as PEM, peers
   * must have one that these have signed, with the secret or without. Default: the node makes one
   * and renews it.
   */
  readonly certificate?: CertificateText | undefined
  /**
   * `none` when the certificates of peers are those of proxies: an authority of the system has to
   * sign them. Default `secret`, which proves them, and `none` with `tls: 'off'`.
   */
  readonly tlsPin?: TlsPin | undefined
  /**
   * What the node tells of itself to its peers, which have it as {@link Peer.data}. At most 1,024
   * bytes as JSON. Default `{}`.
   */
  readonly data?: NodeData | undefined
  /**
   * Host names, or `name:port`, of web pages that may connect, besides those of this node: where a
   * proxy or a forwarded port leads to it. At most 16. Default none.
   */
  readonly httpHosts?: readonly string[] | undefined
  /** Intervals that differ from the default, {@link DEFAULT_TIMINGS}. 10 ms to 1 hour. */
  readonly timings?: { readonly [Name in keyof Timings]?: number | undefined } | undefined
  /**
   * Which messages the node keeps for peers: `keepMib`, 1 to 1,024 MiB, default 64; `keepSeconds`,
   * up to 86,400, default 600; `senderPercent`, the part of them of one sender, default 25.
   *
   * And where it stores what it publishes: `folder`, a path, default nowhere, which no other node
   * may have; `folderMib`, the most that is stored there, 8 to 1,048,576 MiB, default 256. The
   * folder is taken when the node is made, and is free again when it has stopped.
   */
  readonly messages?:
    | { readonly [Name in keyof MessageSettings]?: MessageSettings[Name] | undefined }
    | undefined
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

/** Options, checked. @internal */
export interface ParsedOptions extends NodeSettings {
  readonly identity: Identity
  readonly portSource: string
  readonly certificate: Certificate | undefined
  readonly knownPeers: readonly Address[]
  readonly sources: readonly Source[]
}

const PUBLIC_NAMES = [
  'port',
  'address',
  'listen',
  'knownPeers',
  'mesh',
  'secret',
  'secretMode',
  'tls',
  'tlsPin',
  'certificate',
  'data',
  'httpHosts',
  'timings',
  'messages',
] as const
const INTERNAL_NAMES = ['portSource', 'code', 'listenSubject', 'runtime', 'site'] as const
const MESSAGE_NAMES = ['keepMib', 'keepSeconds', 'senderPercent', 'folder', 'folderMib'] as const
const TIMING_NAMES = TIMING_OPTIONS.map(({ field }) => field)

/** The options, with a free port where they ask for one. @internal */
export function readOptions(options: MeshNodeOptions): {
  readonly settings: ParsedOptions
  readonly reservation: PortReservation | undefined
} {
  if (options?.port !== 0) return { settings: parseOptions(options), reservation: undefined }
  // What is wrong with others is thrown before a port is taken.
  parseOptions({ ...options, port: 1 })
  const reservation = new PortReservation()
  return { settings: parseOptions({ ...options, port: reservation.port }), reservation }
}

/** @throws {NodeError} CONFIG_… for the first option that is wrong @internal */
export function parseOptions(options: MeshNodeOptions): ParsedOptions {
  assertOptions(options)
  const { knownPeers = [], portSource = 'the option port', code = '' } = options
  const source = new OptionSource(options)
  const settings = readNodeSettings(source)
  if (settings.isAddressAuto) {
    const because = 'only the program takes, in ADDRESS: it starts another node when the IP changes'
    throw settingError(source, SETTINGS.address, options.address ?? '', because)
  }
  const certificate =
    options.certificate === undefined ? undefined : certificateIn(options.certificate)
  if (certificate !== undefined && !settings.isSecure) {
    const because = 'encrypts nothing, and so has no use for the option certificate'
    throw settingError(source, SETTINGS.address, settings.address, because)
  }
  const isProven = settings.secrets.length > 0 || certificate !== undefined
  assertCertificateProven(source, settings, isProven)
  const { addresses, sources } = readKnownPeers('the option knownPeers', knownPeers, 'an array')
  const { address, mesh, listenSubject } = settings
  return {
    ...settings,
    listenSubject: listenSubject && (options.listenSubject ?? listenSubject),
    identity: {
      version: PROTOCOL_VERSION,
      mesh,
      id: drawMeshId(),
      address,
      code,
      messages: true,
      requests: true,
    },
    portSource,
    certificate,
    knownPeers: addresses,
    sources,
  }
}

/**
 * The text of what a node tells of itself.
 *
 * @throws {TypeError} when it is no JSON object
 * @throws {RangeError} when it is larger than its limit
 * @internal
 */
export function textOfData(data: unknown): string {
  const encoded = encodeNodeData(data)
  if (encoded.kind === 'text') return encoded.text
  const wrong = encoded.kind === 'too-large' ? RangeError : TypeError
  const got = `got ${valueText(data)}, which ${encoded.problem}`
  throw new wrong(`data must be ${SETTINGS.nodeData.expected}, ${got}`)
}

/** @throws {NodeError} CONFIG_TLS_INVALID when it is none @internal */
export function certificateIn(text: CertificateText): Certificate {
  const { cert, key, ca } = isObject(text) ? text : {}
  const isPair = typeof cert === 'string' && typeof key === 'string'
  const pair = isPair ? { cert, key } : { cert: '', key: '' }
  const places = { pair: 'cert and key of the option certificate', ca: 'the option certificate.ca' }
  if (ca === undefined) return certificateOf(places, pair)
  return certificateOf(places, { ...pair, ca: typeof ca === 'string' ? ca : '' })
}

/** Programs in JavaScript can pass anything. */
function assertOptions(options: MeshNodeOptions): void {
  if (!isObject(options)) {
    const what = 'the argument of new MeshNode must be an object that has a port'
    throw notAnObject('CONFIG_PORT_INVALID', what, options, 'new MeshNode({ port: 4001 })')
  }
  const known = [...PUBLIC_NAMES, ...INTERNAL_NAMES]
  assertNames(options, 'an option of new MeshNode', PUBLIC_NAMES, known)
  const { messages = {}, timings = {} } = options
  if (!isObject(timings)) {
    const what = 'the option timings must be an object'
    throw notAnObject('CONFIG_TIMING_INVALID', what, timings, 'timings: { pingAfterMs: 15000 }')
  }
  assertNames(timings, 'a timing', TIMING_NAMES)
  if (!isObject(messages)) {
    const what = 'the option messages must be an object'
    throw notAnObject('CONFIG_MESSAGES_INVALID', what, messages, 'messages: { keepMib: 256 }')
  }
  assertNames(messages, 'an option of messages', MESSAGE_NAMES)
}

function notAnObject(code: NodeErrorCode, what: string, got: unknown, example: string): NodeError {
  const problem = `got ${quoted(valueText(got))}, which is not an object`
  return new NodeError(code, `${what}, ${problem}; write for example ${example}`)
}

function assertNames(value: object, what: string, names: readonly string[], known = names): void {
  const name = Object.keys(value).find((key) => !known.includes(key))
  if (name === undefined) return
  const meant = closestName(name, names)
  const fix = meant === undefined ? `write one of ${names.join(', ')}` : `did you mean ${meant}?`
  throw new NodeError('CONFIG_OPTION_UNKNOWN', `${quoted(name)} is not ${what}; ${fix}`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function drawMeshId(): MeshId {
  const id = parseMeshId(randomBytes(16).toString('hex'))
  if (id === undefined) throw new Error('16 random bytes are 32 hex digits')
  return id
}
