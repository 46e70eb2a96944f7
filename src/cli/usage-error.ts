/** What can be wrong with the words on the command line: the factories of the codes CLI_…. */

import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'

/** A word that is no command. `advice` is what was probably meant. */
export function commandUnknown({
  word,
  advice = 'a node in another folder is run with --dir PATH',
}: {
  readonly word: string
  readonly advice?: string | undefined
}): NodeError {
  return new NodeError({
    code: 'CLI_COMMAND_UNKNOWN',
    message: `unknown command ${quoted(word)}; ${advice}${advice.endsWith('?') ? '' : ';'} --help tells more`,
  })
}

/** The program came through a pipe or from `node -e`, so no folder lies around it. */
export function dirMissing(): NodeError {
  return new NodeError({
    code: 'CLI_DIR_MISSING',
    message:
      'cannot tell which file this program is in, and so not which folder is the node; name the folder with --dir PATH',
  })
}

/** A flag that does not exist. `advice` is what was probably meant. */
export function flagUnknown({
  flag,
  advice,
}: {
  readonly flag: string
  readonly advice?: string | undefined
}): NodeError {
  const hint = advice === undefined ? '--help lists them all' : `${advice}; --help lists them all`
  return new NodeError({
    code: 'CLI_FLAG_UNKNOWN',
    message: `unknown flag ${quoted(flag)}; ${hint}`,
  })
}

/** A flag of another command. `goesWith` is how that one is written. */
export function flagMisplaced({
  flag,
  command,
  goesWith,
}: {
  readonly flag: string
  readonly command: string
  readonly goesWith: string
}): NodeError {
  return new NodeError({
    code: 'CLI_FLAG_MISPLACED',
    message: `${flag} does not go with ${command}; write ${goesWith}`,
  })
}

/** A flag that needs a value and has none. */
export function flagValueMissing({
  flag,
  example,
}: {
  readonly flag: string
  readonly example: string
}): NodeError {
  return new NodeError({
    code: 'CLI_FLAG_VALUE_MISSING',
    message: `${flag} needs a value, such as ${example}; --help tells more`,
  })
}

/** A value for a flag that takes none, such as `--help=yes`. */
export function flagValueUnexpected({
  flag,
  value,
}: {
  readonly flag: string
  readonly value: string
}): NodeError {
  return new NodeError({
    code: 'CLI_FLAG_VALUE_UNEXPECTED',
    message: `${flag} takes no value, got ${quoted(value)}; write just ${flag}`,
  })
}

/** Two words of which each asks for something else: two commands, or two flags. */
export function wordsContradict({
  first,
  second,
}: {
  readonly first: string
  readonly second: string
}): NodeError {
  return new NodeError({
    code: 'CLI_WORDS_CONTRADICT',
    message: `${first} and ${second} exclude each other; leave one of them out`,
  })
}
