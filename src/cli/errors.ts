/** What can be wrong with the command line and with a command: CLI_…, STATUS_…, INIT_…. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'

/** A word that is not a command. `advice` is what was probably meant. */
export function commandUnknown(
  word: string,
  advice = 'a node in another folder is run with --dir PATH',
): NodeError {
  const end = advice.endsWith('?') ? '' : ';'
  const message = `unknown command ${quoted(word)}; ${advice}${end} see --help`
  return new NodeError('CLI_COMMAND_UNKNOWN', message)
}

/** The program came through a pipe or from `node -e`, so no folder lies around it. */
export function dirMissing(): NodeError {
  const message = 'cannot determine the program file; set the node folder with --dir PATH'
  return new NodeError('CLI_DIR_MISSING', message)
}

/** A flag that does not exist. `advice` is what was probably meant. */
export function flagUnknown(flag: string, advice: string | undefined): NodeError {
  const hint = advice === undefined ? '' : ` ${advice}${advice.endsWith('?') ? '' : ';'}`
  const message = `unknown flag ${quoted(flag)};${hint} see --help`
  return new NodeError('CLI_FLAG_UNKNOWN', message)
}

/** A flag of another command. `right` is how that one is written. */
export function flagMisplaced(flag: string, command: string, right: string): NodeError {
  const message = `${flag} does not go with ${quoted(command)}; write ${right}`
  return new NodeError('CLI_FLAG_MISPLACED', message)
}

/** A flag that needs a value and has none. */
export function flagValueMissing(flag: string, example: string): NodeError {
  const message = `${flag} needs a value, such as ${example}; see --help`
  return new NodeError('CLI_FLAG_VALUE_MISSING', message)
}

/** A value for a flag that takes none, such as `--help=yes`. */
export function flagValueUnexpected(flag: string, value: string): NodeError {
  const message = `${flag} takes no value, got ${quoted(value)}; write just ${flag}`
  return new NodeError('CLI_FLAG_VALUE_UNEXPECTED', message)
}

/** Two commands, or two flags that exclude each other. */
export function wordsContradict(first: string, second: string): NodeError {
  const message = `${first} and ${second} exclude each other; leave one of them out`
  return new NodeError('CLI_WORDS_CONTRADICT', message)
}

/** Nothing listens on the port of the node. `place` is such as `HOST:PORT (PORT set in FILE)`. */
export function nodeNotRunning(place: string, program: string): NodeError {
  const message = `the node is not running: nothing listens on ${place}; start it with ${program}`
  return new NodeError('STATUS_NODE_NOT_RUNNING', message, { exitCode: 1 })
}

/** The program that listens on the port does not answer as a node. */
export function nodeNotUnderstood(place: string, problem: string): NodeError {
  const message = `no status from ${place}: ${problem}`
  return new NodeError('STATUS_NOT_UNDERSTOOD', message, { exitCode: 1 })
}

/** The system refuses to create a file. */
export function fileNotCreated(file: string, problem: string, cause: unknown): NodeError {
  const message = `${file} cannot be created (${problem}); let this user write there, or create it yourself`
  return new NodeError('INIT_FILE_NOT_CREATED', message, { cause })
}

/** All ports that a new node could have are taken. */
export function portsTaken(first: number, last: number): NodeError {
  const message = `all ports from ${first} to ${last} are in use; create .env yourself, with a line such as PORT=${last + 1}`
  return new NodeError('INIT_PORTS_TAKEN', message, { exitCode: 1 })
}
