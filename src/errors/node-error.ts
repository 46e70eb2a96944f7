/**
 * Errors that a person running a node can mend: each is one line that names the place, what is
 * wrong with it, and the fix. Shown without a stack. What peers do wrong is no error but a closed
 * link, and our own bugs are plain `Error`s.
 */

import { printable, quoted } from '../log/printable.ts'

/** Every code of a {@link NodeError}. Codes are never renamed: scripts may test for them. */
export type NodeErrorCode =
  | 'CLI_COMMAND_UNKNOWN'
  | 'CLI_DIR_MISSING'
  | 'CLI_FLAG_MISPLACED'
  | 'CLI_FLAG_UNKNOWN'
  | 'CLI_FLAG_VALUE_MISSING'
  | 'CLI_FLAG_VALUE_UNEXPECTED'
  | 'CLI_WORDS_CONTRADICT'
  | 'CONFIG_ADDRESS_INVALID'
  | 'CONFIG_DIR_INVALID'
  | 'CONFIG_ENV_FILE_MISSING'
  | 'CONFIG_FILE_TOO_LARGE'
  | 'CONFIG_FILE_UNREADABLE'
  | 'CONFIG_HTTP_ALLOW_INVALID'
  | 'CONFIG_KNOWN_PEERS_INVALID'
  | 'CONFIG_LISTEN_INVALID'
  | 'CONFIG_LOG_FORMAT_INVALID'
  | 'CONFIG_LOG_LEVEL_INVALID'
  | 'CONFIG_MESH_INVALID'
  | 'CONFIG_PORT_INVALID'
  | 'CONFIG_PORT_MISSING'
  | 'CONFIG_TIMING_INVALID'
  | 'INIT_FILE_NOT_CREATED'
  | 'INIT_PORTS_TAKEN'
  | 'LISTEN_ADDRESS_UNAVAILABLE'
  | 'LISTEN_PORT_IN_USE'
  | 'LISTEN_PORT_NOT_PERMITTED'
  | 'RUNTIME_PERMISSION_MISSING'
  | 'STATUS_NODE_NOT_RUNNING'
  | 'STATUS_NOT_UNDERSTOOD'

/**
 * What a process ends with: 1 for what may be otherwise in a moment, such as a port in use or a
 * node that does not run; 2 for what the operator has to change.
 */
export type ErrorExitCode = 1 | 2

/** What an error is made of. */
export interface ErrorFacts {
  readonly code: NodeErrorCode
  readonly message: string
  /** Default 2. */
  readonly exitCode?: ErrorExitCode
  readonly cause?: unknown
}

/**
 * An operator's error. Made by factories only, so that every code has one wording: those here, and
 * those of the command line in usage-error.ts and command-error.ts.
 */
export class NodeError extends Error {
  /** Node shows this one for an error that nobody catches, and the bundler renames the class. */
  static override readonly name = 'NodeError'
  override readonly name = 'NodeError'
  readonly code: NodeErrorCode
  readonly exitCode: ErrorExitCode

  constructor({ code, message, exitCode = 2, cause }: ErrorFacts) {
    // Paths and texts of the operating system come in as they are: one line stays one line here,
    // for all of them.
    super(printable(message), cause === undefined ? undefined : { cause })
    this.code = code
    this.exitCode = exitCode
  }

  /** The folder of the node does not exist or is no folder. @internal */
  static dirInvalid(facts: {
    readonly dir: string
    readonly problem: string
    readonly cause?: unknown
  }): NodeError {
    const { dir, problem, cause } = facts
    return new NodeError({
      code: 'CONFIG_DIR_INVALID',
      message: `${dir} ${problem}; give --dir the folder that holds the .env of the node`,
      cause,
    })
  }

  /** There is no `.env`, and the environment has no PORT either. @internal */
  static envFileMissing({ file }: { readonly file: string }): NodeError {
    return new NodeError({
      code: 'CONFIG_ENV_FILE_MISSING',
      message: `${file} is missing; --init creates it, or write it yourself, with a line such as PORT=4001`,
    })
  }

  /** A file is there but cannot be read. @internal */
  static fileUnreadable({
    file,
    problem,
    cause,
  }: {
    readonly file: string
    readonly problem: string
    readonly cause?: unknown
  }): NodeError {
    return new NodeError({ code: 'CONFIG_FILE_UNREADABLE', message: `${file} ${problem}`, cause })
  }

  /** A file is larger than any that a person would write. @internal */
  static fileTooLarge({
    file,
    bytes,
    bytesMax,
  }: {
    readonly file: string
    readonly bytes: number
    readonly bytesMax: number
  }): NodeError {
    return new NodeError({
      code: 'CONFIG_FILE_TOO_LARGE',
      message: `${file} has ${bytes} bytes, which exceeds the limit of ${bytesMax}; make it shorter`,
    })
  }

  /**
   * No PORT anywhere. `lookalike` is a key of the file that was probably meant to be PORT.
   *
   * @internal
   */
  static portMissing({
    file,
    lookalike,
  }: {
    readonly file: string
    readonly lookalike?: string | undefined
  }): NodeError {
    const problem =
      lookalike === undefined
        ? 'has no PORT; add a line such as PORT=4001'
        : `has no PORT but ${quoted(lookalike)}; did you mean PORT? write a line such as PORT=4001`
    return new NodeError({ code: 'CONFIG_PORT_MISSING', message: `${file} ${problem}` })
  }

  /**
   * A setting has a value that it cannot have. `because` goes on after the value, such as "which
   * has a query in it".
   *
   * @internal
   */
  static settingInvalid(facts: {
    readonly code: SettingErrorCode
    /** Such as `PORT in /x/.env`. */
    readonly subject: string
    /** Such as `a whole number from 1 to 65535`. */
    readonly expected: string
    readonly got: string
    readonly because?: string | undefined
    /** A line that would be right. */
    readonly example: string
  }): NodeError {
    const { code, subject, expected, got, because, example } = facts
    const reason = because === undefined ? '' : `, which ${because}`
    return new NodeError({
      code,
      message: `${subject} must be ${expected}, got ${quoted(got)}${reason}; write for example ${example}`,
    })
  }

  /** Two timings contradict each other. @internal */
  static timingsContradict({
    file,
    relation,
    values,
  }: {
    readonly file: string
    readonly relation: string
    readonly values: string
  }): NodeError {
    return new NodeError({
      code: 'CONFIG_TIMING_INVALID',
      message: `${relation}, got ${values}; change one of them in ${file}`,
    })
  }

  /** known-peers.json is not JSON. @internal */
  static knownPeersNotJson({
    file,
    error,
    cause,
  }: {
    readonly file: string
    readonly error: { readonly line: number; readonly column: number; readonly problem: string }
    readonly cause: unknown
  }): NodeError {
    return new NodeError({
      code: 'CONFIG_KNOWN_PEERS_INVALID',
      message: `${file} is not JSON at line ${error.line}, column ${error.column}: ${error.problem}; write ${KNOWN_PEERS_EXAMPLE}`,
      cause,
    })
  }

  /** known-peers.json is JSON but not a list of addresses. @internal */
  static knownPeersInvalid({
    file,
    problem,
  }: {
    readonly file: string
    readonly problem: string
  }): NodeError {
    return new NodeError({
      code: 'CONFIG_KNOWN_PEERS_INVALID',
      message: `${file} ${problem}; write ${KNOWN_PEERS_EXAMPLE}`,
    })
  }

  /**
   * Deno was started without a permission. `need` is in its words: `read access to "/x/.env"`.
   *
   * @internal
   */
  static permissionMissing({
    flag,
    need,
    cause,
  }: {
    readonly flag: string
    readonly need: string
    readonly cause?: unknown
  }): NodeError {
    const writing = flag === '--allow-write' ? ' --allow-write=.' : ''
    const flags = `--allow-net --allow-read=.${writing} --ignore-env`
    return new NodeError({
      code: 'RUNTIME_PERMISSION_MISSING',
      message: `${flag} is missing, for this node requires ${need}; run it with deno run ${flags}`,
      cause,
    })
  }

  /**
   * EADDRINUSE. `source` is where PORT was set: a file, or "the environment variable PORT".
   *
   * @internal
   */
  static portInUse({ port, source, cause }: PortFacts): NodeError {
    return new NodeError({
      code: 'LISTEN_PORT_IN_USE',
      message: `another program, perhaps this very node, listens on port ${port}; stop it, or choose another port in ${source}`,
      exitCode: 1,
      cause,
    })
  }

  /**
   * EACCES: most systems keep the ports below 1024 for the administrator, and Windows reserves
   * ranges.
   *
   * @internal
   */
  static portNotPermitted({ port, source, cause }: PortFacts): NodeError {
    return new NodeError({
      code: 'LISTEN_PORT_NOT_PERMITTED',
      message: `the system does not let this user listen on port ${port}; choose one above 1023 in ${source}`,
      cause,
    })
  }

  /** EADDRNOTAVAIL: no interface of this machine has the address. @internal */
  static listenAddressUnavailable({
    ip,
    port,
    cause,
  }: {
    readonly ip: string
    readonly port: number
    readonly cause?: unknown
  }): NodeError {
    return new NodeError({
      code: 'LISTEN_ADDRESS_UNAVAILABLE',
      message: `cannot listen on ${quoted(ip)}, port ${port}: no interface of this machine has that address; set LISTEN to one that it has, or to 0.0.0.0 for all of IPv4`,
      cause,
    })
  }
}

/** The codes that a single setting can be refused with. @internal */
export type SettingErrorCode = Extract<
  NodeErrorCode,
  `CONFIG_${'ADDRESS' | 'HTTP_ALLOW' | 'LISTEN' | 'LOG_FORMAT' | 'LOG_LEVEL' | 'MESH' | 'PORT' | 'TIMING'}_INVALID`
>

interface PortFacts {
  readonly port: number
  readonly source: string
  readonly cause?: unknown
}

const KNOWN_PEERS_EXAMPLE = 'a list such as ["ws://localhost:4001", "ws://localhost:4003"]'
