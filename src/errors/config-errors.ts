/** What can be wrong with a node's folder, files, settings and options: the codes CONFIG_…. */

import { quoted } from '../log/printable.ts'
import { NodeError, type NodeErrorCode } from './node-error.ts'

/** The codes that a single setting can be refused with. */
export type SettingErrorCode = Extract<
  NodeErrorCode,
  `CONFIG_${'ADDRESS' | 'HTTP_ALLOW' | 'LISTEN' | 'LOG_FORMAT' | 'LOG_LEVEL' | 'MESH' | 'PORT' | 'TIMING'}_INVALID`
>

/** `problem` follows the path. */
interface FileFacts {
  readonly file: string
  readonly problem: string
  readonly cause?: unknown
}

/** The folder of the node does not exist or is no folder. */
export function dirInvalid({ file, problem, cause }: FileFacts): NodeError {
  const message = `${file} ${problem}; give --dir the folder that holds the .env of the node`
  return new NodeError({ code: 'CONFIG_DIR_INVALID', message, cause })
}

/** There is no `.env`, and the environment has no PORT either. */
export function envFileMissing(file: string): NodeError {
  const message = `${file} is missing; create it with the command init, or with a line such as PORT=4001`
  return new NodeError({ code: 'CONFIG_ENV_FILE_MISSING', message })
}

/** A file exists and cannot be read. */
export function fileUnreadable({ file, problem, cause }: FileFacts): NodeError {
  return new NodeError({ code: 'CONFIG_FILE_UNREADABLE', message: `${file} ${problem}`, cause })
}

/** A file is larger than any that a person would write. */
export function fileTooLarge(file: string, bytes: number, bytesMax: number): NodeError {
  const message = `${file} has ${bytes} bytes, which exceeds the limit of ${bytesMax}; make it shorter`
  return new NodeError({ code: 'CONFIG_FILE_TOO_LARGE', message })
}

/** No PORT anywhere. `lookalike` is a key of the file that was probably meant to be PORT. */
export function portMissing(file: string, lookalike: string | undefined): NodeError {
  const problem =
    lookalike === undefined
      ? 'has no PORT; add a line such as PORT=4001'
      : `has no PORT but ${quoted(lookalike)}; did you mean PORT? write a line such as PORT=4001`
  return new NodeError({ code: 'CONFIG_PORT_MISSING', message: `${file} ${problem}` })
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
  return new NodeError({ code, message })
}

/** The options of a program have a name that does not exist. */
export function optionUnknown(facts: {
  readonly name: string
  /** Such as `an option of new MeshNode`. */
  readonly what: string
  /** What was probably meant. */
  readonly meant: string | undefined
  readonly all: readonly string[]
}): NodeError {
  const { name, what, meant, all } = facts
  const advice = meant === undefined ? `write one of ${all.join(', ')}` : `did you mean ${meant}?`
  const message = `${quoted(name)} is not ${what}; ${advice}`
  return new NodeError({ code: 'CONFIG_OPTION_UNKNOWN', message })
}

/** Two timings contradict each other. */
export function timingsContradict(facts: {
  /** A file, or `the option timings`. */
  readonly place: string
  readonly relation: string
  readonly values: string
}): NodeError {
  const { place, relation, values } = facts
  const message = `${relation}, got ${values}; change one of them in ${place}`
  return new NodeError({ code: 'CONFIG_TIMING_INVALID', message })
}

/** `known-peers.json`, or the option of that name, is no list of addresses. */
export function knownPeersInvalid({ file, problem, cause }: FileFacts): NodeError {
  const example = 'a list such as ["ws://localhost:4001", "ws://localhost:4003"]'
  const message = `${file} ${problem}; write ${example}`
  return new NodeError({ code: 'CONFIG_KNOWN_PEERS_INVALID', message, cause })
}
