/**
 * The command line: words in, a command out. Reads no files, prints nothing. The pages that
 * `--help` shows are made of its tables, in help.ts.
 */

import { parseArgs } from 'node:util'
import { nearest } from '../config/near-miss.ts'
import { SETTING_NAMES } from '../config/settings.ts'
import { quoted } from '../log/printable.ts'
import {
  commandUnknown,
  flagMisplaced,
  flagUnknown,
  flagValueMissing,
  flagValueUnexpected,
  wordsContradict,
} from './usage-error.ts'

/** What the operator wants done. Without `dir` it is about the folder that the program lies in. */
export type Command =
  /** Run the node. */
  | { readonly kind: 'run'; readonly dir?: string }
  /** Create what the folder lacks to be a node's. */
  | { readonly kind: 'init'; readonly dir?: string }
  /** Compare the code with that of the peers. */
  | { readonly kind: 'verify'; readonly dir?: string }
  /** Ask the running node how it stands. */
  | { readonly kind: 'status'; readonly dir?: string; readonly form: StatusForm }
  /** Look over the files, and try each known peer. */
  | { readonly kind: 'check'; readonly dir?: string }
  /** Show a page: about all commands, or about one. */
  | { readonly kind: 'help'; readonly about?: CommandName }
  | { readonly kind: 'version' }

/** How a status is shown: once for people, once for programs, or again and again. */
export type StatusForm = 'table' | 'json' | 'watch'

/** The commands, with what each is for. Without one, the node is run. */
export const COMMANDS = {
  run: 'run the node; so does no command at all',
  status: 'ask the running node whom it is connected to',
  check: 'look over the files, and try each known peer once',
} as const

/** The name of a command. */
export type CommandName = keyof typeof COMMANDS

/** A flag; `of` names the only commands that have it. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly of?: readonly CommandName[]
  readonly meaning: string
}

/** The flags, in the order in which help shows them. */
export const FLAGS = {
  dir: { type: 'string', meaning: 'the folder of the node, if not that of the program' },
  json: { type: 'boolean', of: ['status'], meaning: 'print the status as JSON, for programs' },
  watch: { type: 'boolean', of: ['status'], meaning: 'show the status anew, until Ctrl-C' },
  init: { type: 'boolean', of: ['run'], meaning: 'create .env and known-peers.json if missing' },
  verify: { type: 'boolean', of: ['run'], meaning: 'compare this code with that of the peers' },
  version: { type: 'boolean', short: 'v', meaning: 'show version, runtime, digest of the code' },
  help: { type: 'boolean', short: 'h', meaning: 'show this page; COMMAND --help shows more' },
} as const satisfies Record<string, Flag>

type FlagName = keyof typeof FLAGS

/** Flags of one command that ask for different things. */
const CONTRADICTIONS: readonly (readonly [FlagName, FlagName])[] = [
  ['json', 'watch'],
  ['init', 'verify'],
]

/**
 * Reads the words after the program's name. `--help` wins over whatever else is right, then
 * `--version`.
 *
 * @throws {NodeError} CLI_… for the first word that makes no sense.
 */
export function parseCli(argv: readonly string[]): Command {
  // Not strict: the errors of parseArgs are worded and coded differently on each runtime; its
  // tokens are the same.
  const { tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true })
  let dir: string | undefined
  let command: CommandName | undefined
  const asked = new Set<FlagName>()
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') {
      command = commandOf(token.value, command)
      continue
    }
    const { name, rawName, value } = token
    if (!isFlag(name)) throw flagUnknown({ flag: rawName, advice: adviceForFlag(name) })
    if (FLAGS[name].type === 'string') dir = folderOf(rawName, value, token.inlineValue)
    else if (value !== undefined) throw flagValueUnexpected({ flag: rawName, value })
    asked.add(name)
  }
  return meant(command, asked, dir === undefined ? {} : { dir })
}

function meant(
  command: CommandName | undefined,
  asked: ReadonlySet<FlagName>,
  where: { readonly dir?: string },
): Command {
  for (const name of asked) assertPlace(name, command ?? 'run')
  if (asked.has('help')) {
    return command === undefined ? { kind: 'help' } : { kind: 'help', about: command }
  }
  if (asked.has('version')) return { kind: 'version' }
  for (const [first, second] of CONTRADICTIONS) {
    if (!asked.has(first) || !asked.has(second)) continue
    throw wordsContradict({ first: `--${first}`, second: `--${second}` })
  }
  switch (command) {
    case 'status':
      return { kind: 'status', form: formOf(asked), ...where }
    case 'check':
      return { kind: 'check', ...where }
    default:
      return { kind: kindOfRun(asked), ...where }
  }
}

function formOf(asked: ReadonlySet<FlagName>): StatusForm {
  if (asked.has('json')) return 'json'
  return asked.has('watch') ? 'watch' : 'table'
}

function kindOfRun(asked: ReadonlySet<FlagName>): 'run' | 'init' | 'verify' {
  if (asked.has('init')) return 'init'
  return asked.has('verify') ? 'verify' : 'run'
}

function commandOf(word: string, before: CommandName | undefined): CommandName {
  if (!isCommand(word)) throw commandUnknown({ word, advice: adviceForCommand(word) })
  if (before === undefined || before === word) return word
  throw wordsContradict({ first: quoted(before), second: quoted(word) })
}

function assertPlace(name: FlagName, command: CommandName): void {
  const flag: Flag = FLAGS[name]
  const [owner] = flag.of ?? []
  if (owner === undefined || flag.of?.includes(command)) return
  const goesWith = ['node index.js', ...(owner === 'run' ? [] : [owner]), `--${name}`].join(' ')
  throw flagMisplaced({ flag: `--${name}`, command: quoted(command), goesWith })
}

function folderOf(flag: string, value: string | undefined, isInline: boolean | undefined): string {
  // `--dir --help` is a forgotten value; a folder that is really called so can be given as
  // --dir=--help.
  const isForgotten =
    value === undefined || value === '' || (value.startsWith('-') && isInline !== true)
  if (isForgotten) throw flagValueMissing({ flag, example: `${flag} node-2` })
  return value
}

function adviceForCommand(word: string): string | undefined {
  const commands = Object.keys(COMMANDS)
  // Whoever writes `stat` has not slipped, but stopped.
  const isStart = (command: string): boolean => word.length > 1 && command.startsWith(word)
  const command = nearest(word, commands) ?? commands.find(isStart)
  if (command !== undefined) return `did you mean ${command}?`
  const flag = nearest(word, Object.keys(FLAGS))
  return flag && `did you mean --${flag}?`
}

function adviceForFlag(name: string): string | undefined {
  const flag = nearest(name, Object.keys(FLAGS))
  if (flag !== undefined) return `did you mean --${flag}?`
  if (isCommand(name)) return `did you mean ${name}, without hyphens?`
  const setting = nearest(name.replaceAll('-', '_'), SETTING_NAMES)
  return setting && `${setting} is set in .env or in the environment`
}

function isCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word)
}

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name)
}
