/** How to start a system; all else is measured from outside. */

/** One node that is to be: its place among the others. */
export interface Place {
  readonly index: number
  /** An empty folder of its own. */
  readonly folder: string
  readonly port: number
  /** Of all nodes, its own included. */
  readonly ports: readonly number[]
  /** Where every node starts from: the same two for all systems. */
  readonly seeds: readonly number[]
}

/** How a node is run. Its working directory is the folder of its place. */
export interface Launch {
  readonly program: string
  readonly args: readonly string[]
}

/** The names of the systems that form a mesh, in the order of the tables. */
export const MESH_SYSTEM_NAMES = [
  'fullmesh',
  'fullmesh-secret',
  'fullmesh-wss',
  'bare-ws',
  'bare-wss',
  'floor',
  'plain',
  'plain-unbundled',
  'nats-server',
  'libp2p',
  'other',
] as const

export type MeshSystemName = (typeof MESH_SYSTEM_NAMES)[number]

/** The names of the systems that carry messages, in the order of the tables. */
export const MESSAGE_SYSTEM_NAMES = [
  'fullmesh',
  'ws-joined',
  'ws-each',
  'nats-server',
  'zeromq',
  'socket.io',
  'gossipsub',
] as const

export type MessageSystemName = (typeof MESSAGE_SYSTEM_NAMES)[number]

export type SystemName = MeshSystemName | MessageSystemName

export const SYSTEM_NAMES: readonly SystemName[] = [
  ...new Set([...MESH_SYSTEM_NAMES, ...MESSAGE_SYSTEM_NAMES]),
]

export function isMessageSystem(name: SystemName): name is MessageSystemName {
  return MESSAGE_SYSTEM_NAMES.some((one) => one === name)
}

/** What was made or found before the first trial: paths of programs, by what they are. */
export interface Programs {
  /** What runs all programs in JavaScript but libp2p. */
  readonly node: string
  readonly fullmesh: string
  /** Another build of it, to be compared with. */
  readonly other?: string
  readonly 'bare-ws': string
  readonly 'bare-wss': string
  readonly floor: string
  readonly plain: string
  readonly 'plain-unbundled': string
  /** Missing when it could not be had. */
  readonly natsServer?: string
  /** A Node that is new enough for libp2p. */
  readonly newerNode?: string
  readonly libp2p?: string
  readonly messages?: MessagePrograms
}

/** What carries messages. */
export interface MessagePrograms {
  /** The path of the program of a worker. */
  readonly worker: string
  /** The folder of the modules of our own and of ws. */
  readonly bundled: string
  /** The folder of those that need packages of bench/package.json; missing without them. */
  readonly packages?: string
}

/** A system to be measured. */
export interface System {
  readonly name: MeshSystemName
  /**
   * Whether a node opens a connection of its own to every other node, as the stories have it when
   * read to the letter, so that there are two for each pair when all is done.
   */
  readonly dialsBothWays: boolean
  /**
   * Puts the files of a node into its folder and gives its command; undefined when the program is
   * missing.
   */
  prepare(place: Place, programs: Programs): Launch | undefined
  /**
   * The standard input of a process once all that were started have written something
   * on their standard output, which means that they listen. Default: nothing.
   *
   * @param started the indices of those that were just started; the others have been there before
   */
  order?(place: Place, started: readonly number[]): string
}
