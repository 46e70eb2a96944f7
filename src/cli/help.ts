/** The pages that `--help` shows, made of the tables of commands, flags and settings. Pure. */

import { SETTINGS, TIMING_SETTINGS } from '../config/settings.ts'
import { COMMANDS, type CommandName, FLAGS, type Flag } from './arguments.ts'

/**
 * What `--help` shows: all there is, or more about one command. Lines have at most 80 columns, and
 * the first of these pages leaves room for a prompt below it on a terminal of 24 lines.
 */
export function helpText(about?: CommandName): string {
  const lines = about === undefined ? overview() : PAGES[about]()
  return lines.join('\n')
}

const PAGES: Readonly<Record<CommandName, () => readonly string[]>> = {
  run: () => [
    'Usage: node index.js [run] [FLAGS]',
    'Runs the node of the folder, until Ctrl-C. known-peers.json says whom it dials',
    'first, such as ["ws://localhost:4001"]; it may be missing.',
    '',
    ...flagTable('run'),
    '',
    'Settings, one NAME=value a line in .env; a variable of the environment wins. In',
    'parentheses the default:',
    ...table(
      Object.values(SETTINGS).map(({ name, meaning, defaultText }) => [
        name,
        `${meaning} (${defaultText})`,
      ]),
    ),
    'Timings, in milliseconds:',
    ...wrapped(TIMING_SETTINGS.map(({ name, defaultText }) => `${name}=${defaultText}`)),
    '',
    'Exit codes: 0 stopped; 1 the port is in use, or --verify found other code or',
    'nobody to compare with; 2 to be mended by you; 130 a second Ctrl-C.',
  ],
  status: () => [
    'Usage: node index.js status [FLAGS]',
    'Asks the running node of the folder whom it is connected to, and since when.',
    '',
    ...flagTable('status'),
    '',
    'Exit codes: 0 complete, or Ctrl-C after --watch; 1 not complete, or the node',
    'does not run; 2 to be mended by you.',
  ],
  check: () => [
    'Usage: node index.js check [FLAGS]',
    'Looks over .env and known-peers.json, and tries each known peer once. It does',
    'not disturb the node, whether that runs or not.',
    '',
    ...flagTable('check'),
    '',
    'Exit codes: 0 all is well; 1 a known peer has a problem; 2 to be mended by you.',
  ],
}

function overview(): readonly string[] {
  return [
    'A node of a peer-to-peer mesh: it finds the other nodes and stays connected.',
    'Usage: node index.js [COMMAND] [FLAGS]',
    '',
    ...table(Object.entries(COMMANDS)),
    ...flagTable(),
    '',
    'Settings, NAME=value in .env or in the environment; run --help has the timings:',
    ...table(Object.values(SETTINGS).map(({ name, meaning }) => [name, meaning])),
    'Exit codes: 0 well, 1 not now, 2 to be mended by you, 130 a second Ctrl-C.',
  ]
}

/** All flags, or those that make a difference to one command. */
function flagTable(command?: CommandName): readonly string[] {
  const flags: [string, Flag][] = Object.entries(FLAGS)
  return table(
    flags
      .filter(([name, flag]) => command === undefined || isFlagOf(command, name, flag))
      .map(([name, flag]) => {
        const [owner] = flag.of ?? []
        // Whoever wants to run a node writes no command.
        const place = command === undefined && owner !== undefined && owner !== 'run' ? owner : ''
        return [wordsOf(name, flag), place === '' ? flag.meaning : `${place}: ${flag.meaning}`]
      }),
  )
}

function isFlagOf(command: CommandName, name: string, { of }: Flag): boolean {
  return of === undefined ? name === 'dir' : of.includes(command)
}

function wordsOf(name: string, { type, short }: Flag): string {
  if (type === 'string') return `--${name} PATH`
  return short === undefined ? `--${name}` : `--${name}, -${short}`
}

type Row = readonly [name: string, meaning: string]

const HELP_COLUMNS = 80

function table(rows: readonly Row[]): readonly string[] {
  return rows.map(([name, meaning]) => `  ${name.padEnd(13)} ${meaning}`)
}

function wrapped(words: readonly string[]): readonly string[] {
  const lines: string[] = []
  let line = ' '
  for (const word of words) {
    if (line.length + 1 + word.length > HELP_COLUMNS) {
      lines.push(line)
      line = ' '
    }
    line += ` ${word}`
  }
  return [...lines, line]
}
