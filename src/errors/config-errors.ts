/** What can be wrong with a node's folder, files, settings and options: the codes CONFIG_…. */

import { quoted } from '../log/printable.ts'
import { NodeError, type NodeErrorCode } from './node-error.ts'

/** The codes that a single setting can be refused with. */
export type SettingErrorCode = Extract<
  NodeErrorCode,
  `CONFIG_${'ADDRESS' | 'HTTP_ALLOW' | 'LISTEN' | 'LOG_FORMAT' | 'LOG_LEVEL' | 'MESH' | 'PORT' | 'TIMING'}_INVALID`
>

/** The folder of the node does not exist or is not a folder. `problem` follows the path. */
export function dirInvalid(dir: string, problem: string, cause?: unknown): NodeError {
  const message = `${dir} ${problem}; give --dir the folder that holds the .env of the node`
  return new NodeError('CONFIG_DIR_INVALID', message, { cause })
}

/** There is no `.env`, and the environment has no PORT either. */
export function envFileMissing(file: string): NodeError {
  const message = `${file} is missing; create it with the command init, or with a line such as PORT=4001`
  return new NodeError('CONFIG_ENV_FILE_MISSING', message)
}

/** A file exists and cannot be read. `problem` follows the path. */
export function fileUnreadable(file: string, problem: string, cause?: unknown): NodeError {
  return new NodeError('CONFIG_FILE_UNREADABLE', `${file} ${problem}`, { cause })
}

/** A file is larger than any that a person would write. */
export function fileTooLarge(file: string, bytes: number, bytesMax: number): NodeError {
  const message = `${file} has ${bytes} bytes, which exceeds the limit of ${bytesMax}; make it shorter`
  return new NodeError('CONFIG_FILE_TOO_LARGE', message)
}

/** No PORT anywhere. `lookalike` is a key of the file that was probably meant to be PORT. */
export function portMissing(file: string, lookalike: string | undefined): NodeError {
  const problem =
    lookalike === undefined
      ? 'has no PORT; add a line such as PORT=4001'
      : `has no PORT but ${quoted(lookalike)}; did you mean PORT? write a line such as PORT=4001`
  return new NodeError('CONFIG_PORT_MISSING', `${file} ${problem}`)
}

/** A setting or an option has a value that it cannot have. */
export function settingInvalid(facts: {
  readonly code: SettingErrorCode
  /** Such as `PORT in /x/.env`. */
  readonly subject: string
  /** Such as `a whole number from 1 to 65535`. */
  readonly expected: string
  readonly got: string
  /** Follows the value, such as "which has a query in it", without "which". */
  readonly because: string | undefined
  /** A line that would be right. */
  readonly example: string
}): NodeError {
  const { code, subject, expected, got, because, example } = facts
  const reason = because === undefined ? '' : `, which ${because}`
  const message = `${subject} must be ${expected}, got ${quoted(got)}${reason}; write for example ${example}`
  return new NodeError(code, message)
}

/**
 * The options of a program have a name that does not exist.
 *
 * @param what such as `an option of new MeshNode`
 * @param meant what was probably meant
 */
export function optionUnknown(
  name: string,
  what: string,
  meant: string | undefined,
  all: readonly string[],
): NodeError {
  const advice = meant === undefined ? `write one of ${all.join(', ')}` : `did you mean ${meant}?`
  return new NodeError('CONFIG_OPTION_UNKNOWN', `${quoted(name)} is not ${what}; ${advice}`)
}

/** Two timings contradict each other. `place` is a file, or `the option timings`. */
export function timingsContradict(place: string, relation: string, values: string): NodeError {
  const message = `${relation}, got ${values}; change one of them in ${place}`
  return new NodeError('CONFIG_TIMING_INVALID', message)
}

/** `known-peers.json`, or the option of that name, is not a list of addresses. */
export function knownPeersInvalid(subject: string, problem: string, cause?: unknown): NodeError {
  const message = `${subject} ${problem}; write a list such as ["ws://localhost:4001", "ws://localhost:4003"]`
  return new NodeError('CONFIG_KNOWN_PEERS_INVALID', message, { cause })
}
