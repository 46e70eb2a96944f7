/**
 * The command line: words in, a command out, and the page that `--help` shows. Reads no files,
 * prints nothing.
 */

import { parseArgs } from 'node:util'
import { nearest } from './near-miss.ts'
import { NodeError } from './node-error.ts'
import { SETTING_NAMES, SETTINGS, TIMING_SETTINGS } from './settings.ts'

/** What the operator wants done. */
export type Command =
  /** Run the node in `dir`; without one, the node whose folder the program lies in. */
  | { readonly kind: 'run'; readonly dir?: string }
  | { readonly kind: 'help' }
  | { readonly kind: 'version' }

const FLAGS = {
  dir: { type: 'string', meaning: 'run the node in this folder, not the one beside the program' },
  help: { type: 'boolean', short: 'h', meaning: 'show this page' },
  version: { type: 'boolean', short: 'v', meaning: 'show the version' },
} as const

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
  const asked = new Set<string>()
  for (const token of tokens) {
    if (token.kind === 'option-terminator') continue
    if (token.kind === 'positional') throw NodeError.commandUnknown({ word: token.value })
    const flag = token.rawName
    if (token.name === 'dir') dir = folderOf(flag, token.value, token.inlineValue)
    else if (token.name !== 'help' && token.name !== 'version') {
      throw NodeError.flagUnknown({ flag, advice: adviceFor(token.name) })
    } else if (token.value !== undefined) {
      throw NodeError.flagValueUnexpected({ flag, value: token.value })
    }
    asked.add(token.name)
  }
  if (asked.has('help')) return { kind: 'help' }
  if (asked.has('version')) return { kind: 'version' }
  return dir === undefined ? { kind: 'run' } : { kind: 'run', dir }
}

/** What `--help` shows: it fits a terminal of 80 columns and 24 lines. */
export function helpText(): string {
  const flags = Object.entries(FLAGS).map(([name, flag]): Row => {
    const short = 'short' in flag ? `, -${flag.short}` : ''
    return [`--${name}${flag.type === 'string' ? ' PATH' : short}`, flag.meaning]
  })
  const settings = Object.values(SETTINGS).map(
    (setting): Row => [setting.name, `${setting.meaning} (${setting.defaultText})`],
  )
  return [
    'A node of a peer-to-peer mesh: it finds the other nodes and stays connected.',
    '',
    'Usage: node index.js [--dir PATH]',
    '',
    ...table(flags),
    '',
    'Settings, one NAME=value a line in .env beside the program; a variable of the',
    'environment wins. In parentheses the default:',
    ...table(settings),
    ...wrapped(`Milliseconds: ${TIMING_SETTINGS.map((setting) => setting.name).join(' ')}`),
    '',
    'known-peers.json holds where to start: ["ws://localhost:4001", ...]',
  ].join('\n')
}

type Row = readonly [name: string, meaning: string]

const HELP_COLUMNS = 80

function table(rows: readonly Row[]): readonly string[] {
  return rows.map(([name, meaning]) => `  ${name.padEnd(13)} ${meaning}`)
}

function wrapped(words: string): readonly string[] {
  const lines: string[] = []
  let line = ' '
  for (const word of words.split(' ')) {
    if (line.length + 1 + word.length > HELP_COLUMNS) {
      lines.push(line)
      line = ' '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}

function folderOf(flag: string, value: string | undefined, isInline: boolean | undefined): string {
  // `--dir --help` is a forgotten value; a folder that is really called so can be given as
  // --dir=--help.
  const isForgotten =
    value === undefined || value === '' || (value.startsWith('-') && isInline !== true)
  if (isForgotten) throw NodeError.flagValueMissing({ flag, example: `${flag} node-2` })
  return value
}

function adviceFor(name: string): string | undefined {
  const flag = nearest(name, Object.keys(FLAGS))
  if (flag !== undefined) return `did you mean --${flag}?`
  const setting = nearest(name.replaceAll('-', '_'), SETTING_NAMES)
  return setting && `${setting} is set in .env or in the environment`
}
