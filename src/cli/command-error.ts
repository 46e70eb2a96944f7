/** What can go wrong when a command is carried out: the factories of STATUS_… and INIT_…. */

import { NodeError } from '../errors/node-error.ts'

/** Where a node was looked for. */
interface Endpoint {
  readonly host: string
  readonly port: number
  /** Where the port was set: a file, or "the environment variable PORT". */
  readonly source: string
}

/** Nothing listens on the port of the node. */
export function nodeNotRunning({ host, port, source }: Endpoint): NodeError {
  return new NodeError({
    code: 'STATUS_NODE_NOT_RUNNING',
    message: `the node does not run: nothing listens on ${host}, port ${port}, which is from ${source}; start it with node index.js`,
    exitCode: 1,
  })
}

/** Somebody listens on the port and does not answer well. `problem` goes on after "there". */
export function nodeNotUnderstood({
  host,
  port,
  source,
  problem,
}: Endpoint & { readonly problem: string }): NodeError {
  return new NodeError({
    code: 'STATUS_NOT_UNDERSTOOD',
    message: `no status from ${host}, port ${port}, which is from ${source}: what listens there ${problem}`,
    exitCode: 1,
  })
}

/** A file that is to be created cannot be. */
export function fileNotCreated({
  file,
  problem,
  cause,
}: {
  readonly file: string
  readonly problem: string
  readonly cause: unknown
}): NodeError {
  return new NodeError({
    code: 'INIT_FILE_NOT_CREATED',
    message: `${file} cannot be created (${problem}); let this user write there, or create it yourself`,
    cause,
  })
}

/** All ports that a new node could have are taken. */
export function portsTaken({
  first,
  last,
}: {
  readonly first: number
  readonly last: number
}): NodeError {
  return new NodeError({
    code: 'INIT_PORTS_TAKEN',
    message: `all ports from ${first} to ${last} are in use; create .env yourself, with a line such as PORT=${last + 1}`,
    exitCode: 1,
  })
}
