/** What can be wrong with the command line and with a command: CLI_…, STATUS_…, INIT_…. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'

/** A word that is no command. `advice` is what was probably meant. */
export function commandUnknown(
  word: string,
  advice = 'a node in another folder is run with --dir PATH',
): NodeError {
  const hint = `${advice}${advice.endsWith('?') ? '' : ';'} --help tells more`
  return new NodeError({
    code: 'CLI_COMMAND_UNKNOWN',
    message: `unknown command ${quoted(word)}; ${hint}`,
  })
}

/** The program came through a pipe or from `node -e`, so no folder lies around it. */
export function dirMissing(): NodeError {
  const message =
    'cannot tell which file this program is in, and so not which folder is the node; name the folder with --dir PATH'
  return new NodeError({ code: 'CLI_DIR_MISSING', message })
}

/** A flag that does not exist. `advice` is what was probably meant. */
export function flagUnknown(flag: string, advice: string | undefined): NodeError {
  const hint = advice === undefined ? '--help lists them all' : `${advice}; --help lists them all`
  return new NodeError({
    code: 'CLI_FLAG_UNKNOWN',
    message: `unknown flag ${quoted(flag)}; ${hint}`,
  })
}

/** A flag of another command. `right` is how that one is written. */
export function flagMisplaced(flag: string, command: string, right: string): NodeError {
  const message = `${flag} does not go with ${quoted(command)}; write ${right}`
  return new NodeError({ code: 'CLI_FLAG_MISPLACED', message })
}

/** A flag that needs a value and has none. */
export function flagValueMissing(flag: string, example: string): NodeError {
  const message = `${flag} needs a value, such as ${example}; --help tells more`
  return new NodeError({ code: 'CLI_FLAG_VALUE_MISSING', message })
}

/** A value for a flag that takes none, such as `--help=yes`. */
export function flagValueUnexpected(flag: string, value: string): NodeError {
  const message = `${flag} takes no value, got ${quoted(value)}; write just ${flag}`
  return new NodeError({ code: 'CLI_FLAG_VALUE_UNEXPECTED', message })
}

/** Two commands, or two flags of which each asks for something else. */
export function wordsContradict(first: string, second: string): NodeError {
  const message = `${first} and ${second} exclude each other; leave one of them out`
  return new NodeError({ code: 'CLI_WORDS_CONTRADICT', message })
}

/** Where a node was looked for. */
interface Endpoint {
  readonly host: string
  readonly port: number
  /** Where the port was set: a file, or "the environment variable PORT". */
  readonly source: string
}

/** Nothing listens on the port of the node. */
export function nodeNotRunning({ host, port, source }: Endpoint, program: string): NodeError {
  const message = `the node does not run: nothing listens on ${host}, port ${port}, which is from ${source}; start it with ${program}`
  return new NodeError({ code: 'STATUS_NODE_NOT_RUNNING', message, exitCode: 1 })
}

/** What listens on the port does not answer as a node. `problem` follows "what listens there". */
export function nodeNotUnderstood({ host, port, source }: Endpoint, problem: string): NodeError {
  const message = `no status from ${host}, port ${port}, which is from ${source}: what listens there ${problem}`
  return new NodeError({ code: 'STATUS_NOT_UNDERSTOOD', message, exitCode: 1 })
}

/** A file that is to be created cannot be. */
export function fileNotCreated(file: string, problem: string, cause: unknown): NodeError {
  const message = `${file} cannot be created (${problem}); let this user write there, or create it yourself`
  return new NodeError({ code: 'INIT_FILE_NOT_CREATED', message, cause })
}

/** All ports that a new node could have are taken. */
export function portsTaken(first: number, last: number): NodeError {
  const message = `all ports from ${first} to ${last} are in use; create .env yourself, with a line such as PORT=${last + 1}`
  return new NodeError({ code: 'INIT_PORTS_TAKEN', message, exitCode: 1 })
}
