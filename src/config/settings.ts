/**
 * Every setting of a node, in one table, which `--help` and the documentation show, too. The way of
 * a value: env-file -> env-source -> settings.parse -> read-settings -> Config.
 */

import type { NodeErrorCode } from '../errors/node-error.ts'
import { LOG_FORMATS, LOG_LEVELS } from '../log/log.ts'
import { parseIpRanges } from '../mesh/address/ip-range.ts'
import { DEFAULT_TIMINGS, type Timings } from '../mesh/timings.ts'
import { NODE_DATA_BYTES_MAX } from '../wire/node-data.ts'
import { parseKnownPeersSetting } from './known-peers.ts'
import {
  integerFrom,
  oneOf,
  type Parsed,
  parseHttpHosts,
  parseListenIps,
  parseMeshName,
  parseNodeDataText,
  parseOwnAddress,
  parsePath,
  parseSecrets,
  SECRET_CHARS_MIN,
  SECRET_MODES,
  TLS_MODES,
  TLS_PINS,
} from './setting-values.ts'

/** A line `NAME=value` in `.env`, or an environment variable of that name. */
export interface Setting<T> {
  readonly name: string
  readonly meaning: string
  /** Follows "must be". */
  readonly expected: string
  /** The default, for people. */
  readonly defaultText: string
  readonly example: string
  readonly errorCode: NodeErrorCode
  readonly parse: (text: string) => Parsed<T>
  /** Whether its value is never shown, not even in an error. */
  readonly isHidden?: true
  /** How the library takes it; undefined for a setting of the program alone. */
  readonly option?: Option
}

/** An option of the library: its path, its type, and a valid one. */
export interface Option {
  readonly path: string
  readonly type: 'number' | 'string' | 'array' | 'object'
  readonly example: string
}

/** A setting that is one of {@link Timings}. */
export interface TimingSetting extends Setting<number> {
  readonly field: keyof Timings
}

/** Smaller: the delays of a busy event loop are longer than the interval itself. */
const TIMING_MS_MIN = 10

/** Larger: for more than an hour, the mesh detects no lost link. */
const TIMING_MS_MAX = 60 * 60 * 1000

/** Smaller: a message of the most bytes leaves room for few others. */
const KEEP_MIB_MIN = 1

/** Larger: JavaScript engines end a process whose strings take that much memory. */
const KEEP_MIB_MAX = 1_024

/** Larger: what came an hour ago, or yesterday, is for a database. */
const KEEP_SECONDS_MAX = 24 * 60 * 60

/** Smaller: a file of it has room for few messages. */
const FOLDER_MIB_MIN = 8

/** Larger: a start that reads what it has takes minutes. */
const FOLDER_MIB_MAX = 1024 * 1024

/** The settings without those of messages, and without the timings. */
export const SETTINGS = {
  port: {
    name: 'PORT',
    meaning: 'TCP port to listen on',
    expected: 'a whole number from 1 to 65535',
    defaultText: 'none, required',
    example: '4001',
    errorCode: 'CONFIG_PORT_INVALID',
    parse: integerFrom(1, 65_535),
    option: { path: 'port', type: 'number', example: 'port: 4001' },
  },
  address: {
    name: 'ADDRESS',
    meaning: 'where other nodes dial this one',
    expected: 'an address such as ws://192.0.2.7:4001, auto or wss://auto',
    defaultText: 'localhost, or an IP of LISTEN',
    example: 'ws://192.0.2.7:4001',
    errorCode: 'CONFIG_ADDRESS_INVALID',
    parse: parseOwnAddress,
    option: { path: 'address', type: 'string', example: "address: 'ws://192.0.2.7:4001'" },
  },
  listen: {
    name: 'LISTEN',
    meaning: 'IP addresses to listen on',
    expected: 'a list of IP addresses',
    defaultText: 'loopback; all if ADDRESS is remote',
    example: '127.0.0.1,::1',
    errorCode: 'CONFIG_LISTEN_INVALID',
    parse: parseListenIps,
    option: { path: 'listen', type: 'array', example: "listen: ['127.0.0.1', '::1']" },
  },
  knownPeers: {
    name: 'KNOWN_PEERS',
    meaning: 'more known peers than in the file',
    expected: 'addresses, dns:NAME:PORT, srv:_mesh._tcp.NAME or lan, separated by commas',
    defaultText: 'none',
    example: 'ws://192.0.2.7:4001,dns:mesh.example:4001',
    errorCode: 'CONFIG_KNOWN_PEERS_INVALID',
    parse: parseKnownPeersSetting,
  },
  mesh: {
    name: 'MESH',
    meaning: 'name of the network; others are refused',
    expected: '1 to 64 letters (a-z, A-Z), digits, dots, underscores or hyphens',
    defaultText: 'default',
    example: 'my-mesh',
    errorCode: 'CONFIG_MESH_INVALID',
    parse: parseMeshName,
    option: { path: 'mesh', type: 'string', example: "mesh: 'my-mesh'" },
  },
  nodeData: {
    name: 'NODE_DATA',
    meaning: 'what the node tells of itself, as JSON',
    expected: `a JSON object of at most ${NODE_DATA_BYTES_MAX} bytes`,
    defaultText: 'nothing',
    example: '{"role":"worker","name":"anna"}',
    errorCode: 'CONFIG_NODE_DATA_INVALID',
    parse: parseNodeDataText,
    option: { path: 'data', type: 'object', example: "data: { role: 'worker', name: 'anna' }" },
  },
  secret: {
    name: 'SECRET',
    meaning: 'what nodes must have to connect',
    expected: `text of at least ${SECRET_CHARS_MIN} characters, a secret a line`,
    defaultText: 'the file secret, or none',
    example: 'made by the command secret, which prints another one each time',
    errorCode: 'CONFIG_SECRET_INVALID',
    parse: parseSecrets,
    isHidden: true,
    option: { path: 'secret', type: 'string', example: 'secret: await readFile(file)' },
  },
  secretFile: {
    name: 'SECRET_FILE',
    meaning: 'file with the secret, a secret a line',
    expected: 'the path of a file, from the folder of the node',
    defaultText: 'secret, if it exists',
    example: '/run/secrets/mesh',
    errorCode: 'CONFIG_SECRET_INVALID',
    parse: (text: string) => ({ kind: 'value', value: text }),
  },
  secretMode: {
    name: 'SECRET_MODE',
    meaning: 'accept: nodes without the secret are connected, too',
    expected: 'require or accept',
    defaultText: 'require',
    example: 'accept',
    errorCode: 'CONFIG_SECRET_INVALID',
    parse: oneOf(SECRET_MODES),
    option: { path: 'secretMode', type: 'string', example: "secretMode: 'accept'" },
  },
  requireSecret: {
    name: 'REQUIRE_SECRET',
    meaning: '1: the node does not start without a secret',
    expected: '1 or 0',
    defaultText: '0',
    example: '1',
    errorCode: 'CONFIG_SECRET_INVALID',
    parse: oneOf(['0', '1']),
  },
  tls: {
    name: 'TLS',
    meaning: 'off: a proxy encrypts, where ADDRESS is wss',
    expected: 'auto or off',
    defaultText: 'auto',
    example: 'off',
    errorCode: 'CONFIG_TLS_INVALID',
    parse: oneOf(TLS_MODES),
    option: { path: 'tls', type: 'string', example: "tls: 'off'" },
  },
  tlsCert: {
    name: 'TLS_CERT',
    meaning: 'file with the certificate and its chain, as PEM',
    expected: 'the path of a file, from the folder of the node',
    defaultText: 'one in memory',
    example: '/etc/tls/cert.pem',
    errorCode: 'CONFIG_TLS_INVALID',
    parse: parsePath,
  },
  tlsKey: {
    name: 'TLS_KEY',
    meaning: 'file with its private key, as PEM',
    expected: 'the path of a file, from the folder of the node',
    defaultText: 'none',
    example: '/etc/tls/key.pem',
    errorCode: 'CONFIG_TLS_INVALID',
    parse: parsePath,
  },
  tlsCa: {
    name: 'TLS_CA',
    meaning: 'file with authorities of the certificates of peers',
    expected: 'the path of a file, from the folder of the node',
    defaultText: 'none',
    example: '/etc/tls/ca.pem',
    errorCode: 'CONFIG_TLS_INVALID',
    parse: parsePath,
  },
  tlsPin: {
    name: 'TLS_PIN',
    meaning: 'none: authorities prove the certificates of peers',
    expected: 'secret or none',
    defaultText: 'secret',
    example: 'none',
    errorCode: 'CONFIG_TLS_INVALID',
    parse: oneOf(TLS_PINS),
    option: { path: 'tlsPin', type: 'string', example: "tlsPin: 'none'" },
  },
  httpAllow: {
    name: 'HTTP_ALLOW',
    meaning: 'IPs that may see page and metrics, too',
    expected: 'IP addresses or ranges separated by commas, such as 192.168.1.0/24, or * for all',
    defaultText: 'this machine',
    example: '192.168.1.0/24',
    errorCode: 'CONFIG_HTTP_ALLOW_INVALID',
    parse: parseIpRanges,
  },
  topicsAllow: {
    name: 'TOPICS_ALLOW',
    meaning: 'IPs that may publish, follow and ask over HTTP',
    expected: 'IP addresses or ranges separated by commas, such as 192.168.1.0/24, or * for all',
    defaultText: 'this machine',
    example: '192.168.1.0/24',
    errorCode: 'CONFIG_TOPICS_ALLOW_INVALID',
    parse: parseIpRanges,
  },
  httpHosts: {
    name: 'HTTP_HOSTS',
    meaning: 'more host names of page and metrics',
    expected: 'host names separated by commas, each with or without a port',
    defaultText: 'none',
    example: 'mesh.example,localhost:8080',
    errorCode: 'CONFIG_HTTP_HOSTS_INVALID',
    parse: parseHttpHosts,
    option: { path: 'httpHosts', type: 'array', example: "httpHosts: ['localhost:8080']" },
  },
  logLevel: {
    name: 'LOG_LEVEL',
    meaning: LOG_LEVELS.join(', '),
    expected: `one of ${LOG_LEVELS.join(', ')}`,
    defaultText: 'info',
    example: 'info',
    errorCode: 'CONFIG_LOG_LEVEL_INVALID',
    parse: oneOf(LOG_LEVELS),
  },
  logFormat: {
    name: 'LOG_FORMAT',
    meaning: 'text, or json: one object a line, for programs',
    expected: `one of ${LOG_FORMATS.join(', ')}`,
    defaultText: 'text',
    example: 'json',
    errorCode: 'CONFIG_LOG_FORMAT_INVALID',
    parse: oneOf(LOG_FORMATS),
  },
} as const satisfies Record<string, Setting<unknown>>

/** Which messages a node keeps for peers, and stores for itself. */
export const MESSAGE_SETTINGS = {
  keepMib: {
    name: 'MESSAGES_KEEP_MIB',
    meaning: 'memory for messages that peers may still want, in MiB',
    expected: `a whole number from ${KEEP_MIB_MIN} to ${KEEP_MIB_MAX}`,
    defaultText: '64',
    example: '256',
    errorCode: 'CONFIG_MESSAGES_INVALID',
    parse: integerFrom(KEEP_MIB_MIN, KEEP_MIB_MAX),
    option: { path: 'messages.keepMib', type: 'number', example: 'messages: { keepMib: 256 }' },
  },
  keepSeconds: {
    name: 'MESSAGES_KEEP_SECONDS',
    meaning: 'how long they are kept',
    expected: `a whole number from 1 to ${KEEP_SECONDS_MAX}`,
    defaultText: '600',
    example: '3600',
    errorCode: 'CONFIG_MESSAGES_INVALID',
    parse: integerFrom(1, KEEP_SECONDS_MAX),
    option: {
      path: 'messages.keepSeconds',
      type: 'number',
      example: 'messages: { keepSeconds: 3600 }',
    },
  },
  senderPercent: {
    name: 'MESSAGES_SENDER_PERCENT',
    meaning: 'the part of that memory that one sender may take',
    expected: 'a whole number from 1 to 100',
    defaultText: '25',
    example: '50',
    errorCode: 'CONFIG_MESSAGES_INVALID',
    parse: integerFrom(1, 100),
    option: {
      path: 'messages.senderPercent',
      type: 'number',
      example: 'messages: { senderPercent: 50 }',
    },
  },
  folder: {
    name: 'DATA',
    meaning: 'folder in which what the node publishes is stored',
    expected: 'the path of a folder',
    defaultText: 'none, nothing is stored',
    example: 'data',
    errorCode: 'CONFIG_DATA_INVALID',
    parse: parsePath,
    option: { path: 'messages.folder', type: 'string', example: "messages: { folder: 'data' }" },
  },
  folderMib: {
    name: 'DATA_MIB',
    meaning: 'the most that is stored there, in MiB; the oldest is deleted',
    expected: `a whole number from ${FOLDER_MIB_MIN} to ${FOLDER_MIB_MAX}`,
    defaultText: '256',
    example: '1024',
    errorCode: 'CONFIG_DATA_INVALID',
    parse: integerFrom(FOLDER_MIB_MIN, FOLDER_MIB_MAX),
    option: {
      path: 'messages.folderMib',
      type: 'number',
      example: 'messages: { folderMib: 1024 }',
    },
  },
} as const satisfies Record<string, Setting<number> | Setting<string>>

/** The timings that operators set; the others are options of the library only. */
const TIMING_MEANINGS: { readonly [Field in keyof Timings]?: string } = {
  dialTimeoutMs: 'how long a dial may take; up to four times that on a busy machine',
  redialMinMs:
    'the bound of the random pause after a failed dial or a lost link; doubles with each failure, up to REDIAL_MAX_MS. For a known peer that was never reached it starts at a sixteenth of this value. After a lost link the pause is at least a quarter of this value',
  redialMaxMs: 'upper bound of every pause between dials',
  handshakeTimeoutMs: 'how soon an accepted link must send HANDSHAKE',
  pingAfterMs:
    'silence after which a link is pinged; half of this when other links are pinged, twice this in its first minute while nodes join',
  silentAfterMs: 'silence on a link after which it is given up',
}

/** All timings, in milliseconds, as the library takes them. */
export const TIMING_OPTIONS: readonly TimingSetting[] = Object.keys(DEFAULT_TIMINGS)
  .filter(isTiming)
  .map(timingSetting)

/** Those of operators. */
export const TIMING_SETTINGS = TIMING_OPTIONS.filter(({ field }) => field in TIMING_MEANINGS)

export const SETTING_NAMES: readonly string[] = [
  ...Object.values(SETTINGS),
  ...Object.values(MESSAGE_SETTINGS),
  ...TIMING_SETTINGS,
].map((setting) => setting.name)

/** Settings of earlier versions, which are ignored with a warning. */
export const RETIRED_NAMES: readonly string[] = [
  'STABLE_AFTER_MS',
  'DUPLICATE_PROBE_MS',
  'REPAIR_MS',
  'ANTI_ENTROPY_MS',
  'VERIFY_MS',
]

/** `dialTimeoutMs` is `DIAL_TIMEOUT_MS` in `.env`. */
function timingSetting(field: keyof Timings): TimingSetting {
  const text = String(DEFAULT_TIMINGS[field])
  const example = `timings: { ${field}: ${text} }`
  return {
    field,
    name: field.replace(/[A-Z]/g, '_$&').toUpperCase(),
    meaning: TIMING_MEANINGS[field] ?? '',
    expected: `a whole number of milliseconds from ${TIMING_MS_MIN} to ${TIMING_MS_MAX}`,
    defaultText: text,
    example: text,
    errorCode: 'CONFIG_TIMING_INVALID',
    parse: integerFrom(TIMING_MS_MIN, TIMING_MS_MAX),
    option: { path: `timings.${field}`, type: 'number', example },
  }
}

function isTiming(name: string): name is keyof Timings {
  return Object.hasOwn(DEFAULT_TIMINGS, name)
}
