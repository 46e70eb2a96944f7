/** Parses the words of the command line into a command. Reads no files, prints nothing. */

import { parseArgs } from 'node:util'
import { SETTING_NAMES } from '../config/settings.ts'
import { closestName } from '../config/spelling-suggestion.ts'
import { NodeError } from '../errors/node-error.ts'
import { quoted } from '../log/printable.ts'

/** What the program does. Without `dir`, in the folder of the program. */
export type Command =
  | { readonly kind: 'run' | 'init' | 'check'; readonly dir?: string }
  | { readonly kind: 'add-peer' | 'forget'; readonly address: string; readonly dir?: string }
  | { readonly kind: 'secret'; readonly form: SecretForm; readonly dir?: string }
  | { readonly kind: 'status'; readonly dir?: string; readonly form: StatusForm }
  | ({ readonly kind: 'wait'; readonly dir?: string } & Wait)
  /** Without `text` each line of the input is a message. */
  | {
      readonly kind: 'publish'
      readonly topic: string
      readonly text?: string
      readonly dir?: string
    }
  | {
      readonly kind: 'request'
      readonly peer: string
      readonly topic: string
      readonly text?: string
      readonly dir?: string
    }
  | {
      readonly kind: 'subscribe'
      readonly pattern: string
      readonly history: boolean
      readonly dir?: string
    }
  /** Show a page: about all commands, or about one. */
  | { readonly kind: 'help'; readonly about?: CommandName }
  | { readonly kind: 'version' }

export type StatusForm = 'table' | 'json' | 'watch'

/** Print a new one, write it to the file, or print the token of the one that the node has. */
export type SecretForm = 'new' | 'file' | 'token'

/** Until when `status` waits: until the node listens, or until its mesh is complete. */
export interface Wait {
  readonly until: 'listening' | 'complete'
  /** 1,000 to 86,400,000. */
  readonly timeoutMs: number
}

/** The commands, with their meanings. The default is `run`. */
export const COMMANDS = {
  run: 'run the node; the same as no command',
  status: 'show the connections of the running node',
  check: 'check the files, try each peer, and compare its code',
  publish: 'send TEXT, or each line of the input, to all nodes',
  subscribe: 'show what the nodes publish, or what matches PATTERN',
  request: 'ask the node at the address PEER, and print its answer',
  init: 'create .env and known-peers.json if missing',
  'add-peer': 'add the address PEER to known-peers.json, and dial it',
  forget: 'remove PEER from that file, and wait no more for it',
  secret: 'print a new secret, which nodes must have to be connected',
} as const

export type CommandName = keyof typeof COMMANDS

/** The words that follow a command. Those in brackets may be left out. */
export const OPERANDS: Readonly<Record<CommandName, readonly string[]>> = {
  run: [],
  status: [],
  check: [],
  publish: ['TOPIC', '[TEXT]'],
  subscribe: ['[PATTERN]'],
  request: ['PEER', 'TOPIC', '[TEXT]'],
  init: [],
  'add-peer': ['PEER'],
  forget: ['PEER'],
  secret: [],
}

/** Whether a command is followed by the address of a peer. */
function takesAddress(command: CommandName): command is 'add-peer' | 'forget' {
  return command === 'add-peer' || command === 'forget'
}

/** A flag; `of` is the only command that has it. */
export interface Flag {
  readonly type: 'string' | 'boolean'
  /** What follows it, for help. */
  readonly value?: string
  readonly short?: string
  readonly of?: CommandName
  readonly meaning: string
}

/** The flags, in the order in which help shows them. */
export const FLAGS = {
  dir: {
    type: 'string',
    value: 'PATH',
    meaning: 'the folder of the node, if not that of the program',
  },
  json: { type: 'boolean', of: 'status', meaning: 'print the status as JSON, for programs' },
  watch: { type: 'boolean', of: 'status', meaning: 'refresh the status until Ctrl-C' },
  write: { type: 'boolean', of: 'secret', meaning: 'create the file secret with it, if missing' },
  token: {
    type: 'boolean',
    of: 'secret',
    meaning: 'print the token of it, for HTTP from elsewhere',
  },
  'wait-listening': { type: 'boolean', of: 'status', meaning: 'wait until the node listens' },
  'wait-complete': { type: 'boolean', of: 'status', meaning: 'wait until all are connected' },
  timeout: {
    type: 'string',
    value: 'S',
    of: 'status',
    meaning: 'wait so many seconds at most; 60 by default',
  },
  history: { type: 'boolean', of: 'subscribe', meaning: 'begin with all that the node keeps' },
  version: { type: 'boolean', short: 'v', meaning: 'show version, runtime, digest of the code' },
  help: { type: 'boolean', short: 'h', meaning: 'show this page; COMMAND --help shows more' },
} as const satisfies Record<string, Flag>

/** Flags of `status` of which one excludes the others. */
const STATUS_FORMS = ['json', 'watch', 'wait-listening', 'wait-complete'] as const

const TIMEOUT_SECONDS_DEFAULT = '60'

/** Flags of earlier versions that became commands. */
const LEGACY_FLAGS: ReadonlyMap<string, CommandName> = new Map([
  ['init', 'init'],
  ['verify', 'check'],
])

type FlagName = keyof typeof FLAGS

/**
 * Reads the words after the program's name. `--help` wins over whatever else is right, then
 * `--version`.
 *
 * @param program how the program is called, for messages
 * @throws {NodeError} CLI_… for the first wrong word
 */
export function parseCli(argv: readonly string[], program = 'node index.js'): Command {
  const words = wordsIn(argv)
  const { command, flags } = words
  for (const name of flags) assertPlace(name, command ?? 'run', program)
  if (flags.has('help')) {
    return command === undefined ? { kind: 'help' } : { kind: 'help', about: command }
  }
  if (flags.has('version')) return { kind: 'version' }
  return commandFrom(words, program)
}

/** What the words are, each one right by itself. */
interface Words {
  readonly command: CommandName | undefined
  readonly flags: ReadonlySet<FlagName>
  /** Of the flags that have one. */
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

function wordsIn(argv: readonly string[]): Words {
  // Not strict: the errors of parseArgs differ from runtime to runtime; its tokens do not.
  const { tokens } = parseArgs({ args: [...argv], options: FLAGS, strict: false, tokens: true })
  const values = new Map<string, string>()
  const operands: string[] = []
  /** Each command that was given, with the word for it. */
  const commands = new Map<CommandName, string>()
  const flags = new Set<FlagName>()
  for (const token of tokens) {
    if (token.kind === 'positional') {
      const owner = [...commands.keys()].find((one) => OPERANDS[one].length > 0)
      // A topic or a text may be called as a command is, an address not.
      const isOperand = owner && !(takesAddress(owner) && isCommand(token.value))
      if (isOperand) operands.push(token.value)
      else commands.set(commandOf(token.value), quoted(token.value))
    }
    if (token.kind !== 'option') continue
    const { name, rawName, value } = token
    const alias = LEGACY_FLAGS.get(name)
    if (alias === undefined && !isFlag(name)) {
      throw flagUnknown(rawName, name, commands)
    }
    if (name === 'dir' || name === 'timeout') {
      values.set(name, givenValue(rawName, value, token.inlineValue))
    } else if (value !== undefined) {
      const message = `${rawName} takes no value, got ${quoted(value)}; write just ${rawName}`
      throw new NodeError('CLI_FLAG_VALUE_UNEXPECTED', message)
    }
    if (alias !== undefined) commands.set(alias, rawName)
    else if (isFlag(name)) flags.add(name)
  }
  return { command: onlyOne(commands), flags, values, operands }
}

function commandFrom({ command, flags, operands, values }: Words, program: string): Command {
  const [form, otherForm] = STATUS_FORMS.filter((name) => flags.has(name))
  if (form && otherForm) throw wordsContradict(`--${form}`, `--${otherForm}`)
  const dir = values.get('dir')
  const where = dir === undefined ? {} : { dir }
  const [first, second, third] = operands
  assertCount(command ?? 'run', operands)
  switch (command) {
    case 'add-peer':
    case 'forget':
      if (first === undefined) throw addressMissing(`${program} ${command}`)
      return { kind: command, address: first, ...where }
    case 'publish': {
      if (first === undefined) throw topicMissing(`${program} ${command}`)
      const text = second === undefined ? {} : { text: second }
      return { kind: command, topic: first, ...text, ...where }
    }
    case 'request': {
      if (first === undefined) throw addressMissing(`${program} ${command}`, ' status')
      if (second === undefined) throw topicMissing(`${program} ${command} ${first}`)
      const text = third === undefined ? {} : { text: third }
      return { kind: command, peer: first, topic: second, ...text, ...where }
    }
    case 'subscribe':
      return { kind: command, pattern: first ?? '>', history: flags.has('history'), ...where }
    case 'status': {
      const timeout = values.get('timeout')
      if (form === 'wait-listening' || form === 'wait-complete') {
        const until = form === 'wait-listening' ? 'listening' : 'complete'
        return { kind: 'wait', until, timeoutMs: timeoutOf(timeout), ...where }
      }
      if (timeout !== undefined) throw nothingToWaitFor(`${program} ${command}`)
      return { kind: command, form: form ?? 'table', ...where }
    }
    case 'secret':
      return { kind: command, form: secretFormOf(flags), ...where }
    default:
      return { kind: command ?? 'run', ...where }
  }
}

function secretFormOf(flags: ReadonlySet<FlagName>): SecretForm {
  if (flags.has('write') && flags.has('token')) throw wordsContradict('--write', '--token')
  return flags.has('write') ? 'file' : flags.has('token') ? 'token' : 'new'
}

/** @throws {NodeError} CLI_WORDS_CONTRADICT when there are more words than the command takes */
function assertCount(command: CommandName, operands: readonly string[]): void {
  const [last = '', extra] = operands.slice(Math.max(0, OPERANDS[command].length - 1))
  if (extra === undefined) return
  if (command !== 'publish' && command !== 'request')
    throw wordsContradict(quoted(last), quoted(extra))
  const message = `${command} takes one text, got ${quoted(last)} and ${quoted(extra)}; write it in quotes`
  throw new NodeError('CLI_WORDS_CONTRADICT', message)
}

/** `run --init` was right before `init` became a command. */
function onlyOne(commands: Map<CommandName, string>): CommandName | undefined {
  const flags = [...commands.values()].filter((word) => word.startsWith('--'))
  if (flags.length > 0) commands.delete('run')
  const [first, second] = commands.values()
  if (first !== undefined && second !== undefined) throw wordsContradict(first, second)
  return [...commands.keys()][0]
}

function commandOf(word: string): CommandName {
  if (isCommand(word)) return word
  const commands = Object.keys(COMMANDS)
  // `stat` is a part of a word, and too short for `closestName`.
  const isStart = (command: string): boolean => word.length > 1 && command.startsWith(word)
  const flag = closestName(word, Object.keys(FLAGS))
  const meant = closestName(word, commands) ?? commands.find(isStart) ?? (flag && `--${flag}`)
  const advice = meant
    ? `did you mean ${meant}?`
    : 'a node in another folder is run with --dir PATH;'
  const message = `unknown command ${quoted(word)}; ${advice} see --help`
  throw new NodeError('CLI_COMMAND_UNKNOWN', message)
}

function flagUnknown(
  word: string,
  name: string,
  commands: ReadonlyMap<CommandName, string>,
): NodeError {
  const takesText = commands.has('publish') || commands.has('request')
  const advice = takesText
    ? 'write -- before a text that begins with a hyphen;'
    : adviceForFlag(name)
  const hint = advice === undefined ? '' : ` ${advice}`
  return new NodeError('CLI_FLAG_UNKNOWN', `unknown flag ${quoted(word)};${hint} see --help`)
}

function adviceForFlag(name: string): string | undefined {
  const flag = closestName(name, Object.keys(FLAGS))
  if (flag !== undefined) return `did you mean --${flag}?`
  if (isCommand(name)) return `did you mean ${name}, without hyphens?`
  const setting = closestName(name.replaceAll('-', '_'), SETTING_NAMES)
  return setting && `${setting} is set in .env or in the environment;`
}

function assertPlace(name: FlagName, command: CommandName, program: string): void {
  const { of: owner }: Flag = FLAGS[name]
  if (owner === undefined || owner === command) return
  const message = `--${name} does not go with ${quoted(command)}; write ${program} ${owner} --${name}`
  throw new NodeError('CLI_FLAG_MISPLACED', message)
}

function givenValue(
  flag: string,
  value: string | undefined,
  isInline: boolean | undefined,
): string {
  // `--dir --help` is a forgotten value; a folder of that name can be given as --dir=--help.
  const isGiven = value !== undefined && value !== '' && (isInline || !value.startsWith('-'))
  if (isGiven) return value
  const example = flag === '--timeout' ? TIMEOUT_SECONDS_DEFAULT : 'node-2'
  const message = `${flag} needs a value, such as ${flag} ${example}; see --help`
  throw new NodeError('CLI_FLAG_VALUE_MISSING', message)
}

/** In ms. @throws {NodeError} CLI_TIMEOUT_INVALID when it is not a number of seconds up to a day */
function timeoutOf(text = TIMEOUT_SECONDS_DEFAULT): number {
  const seconds = /^[1-9]\d{0,4}$/.test(text) ? Number(text) : Number.NaN
  if (seconds <= 86_400) return seconds * 1_000
  const message = `--timeout must be a number of seconds from 1 to 86400, got ${quoted(text)}; write such as --timeout ${TIMEOUT_SECONDS_DEFAULT}`
  throw new NodeError('CLI_TIMEOUT_INVALID', message)
}

function nothingToWaitFor(command: string): NodeError {
  const message = `--timeout goes with --wait-listening or --wait-complete; write ${command} --wait-complete --timeout ${TIMEOUT_SECONDS_DEFAULT}`
  return new NodeError('CLI_FLAG_MISPLACED', message)
}

function addressMissing(command: string, rest = ''): NodeError {
  const message = `no address of a peer; write ${command} ws://localhost:4002${rest}`
  return new NodeError('CLI_ADDRESS_MISSING', message)
}

function topicMissing(command: string): NodeError {
  return new NodeError('CLI_TOPIC_MISSING', `no topic; write ${command} news "hello"`)
}

function wordsContradict(first: string, second: string): NodeError {
  const message = `${first} and ${second} exclude each other; leave one of them out`
  return new NodeError('CLI_WORDS_CONTRADICT', message)
}

export function isCommand(word: string): word is CommandName {
  return Object.hasOwn(COMMANDS, word)
}

function isFlag(name: string): name is FlagName {
  return Object.hasOwn(FLAGS, name)
}
