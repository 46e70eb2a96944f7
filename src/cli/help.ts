/** The pages that `--help` shows, made of the tables of commands, flags and settings. Pure. */

import { MESSAGE_SETTINGS, SETTINGS, TIMING_SETTINGS } from '../config/settings.ts'
import type { PageFile } from '../http/page-file.ts'
import { COMMANDS, type CommandName, FLAGS, type Flag, isCommand, OPERANDS } from './arguments.ts'

/**
 * What `--help` shows: everything, or more about one command. Lines have at most 80 columns, and
 * the first page leaves room for a prompt on a terminal of 24 lines.
 */
export function helpText(program: string, about?: CommandName): string {
  const lines = about === undefined ? overview(program) : page(program, about)
  return lines.join('\n')
}

/** All pages, where the page of a node links to: the docs that are in the program. */
export function helpFile(program: string): PageFile {
  const text = (): string => {
    const pages = [undefined, ...Object.keys(COMMANDS).filter(isCommand)]
    return `${pages.map((about) => helpText(program, about)).join('\n\n\n')}\n`
  }
  // Made when somebody reads it.
  return {
    path: '/help',
    type: 'text/plain; charset=utf-8',
    get text() {
      return text()
    },
  }
}

function page(program: string, command: CommandName): readonly string[] {
  const name = [command === 'run' ? '[run]' : command, ...OPERANDS[command]].join(' ')
  const { about, more, exitCodes } = PAGES[command]
  return [
    `Usage: ${program} ${name} [FLAGS]`,
    ...about,
    '',
    ...flagTable(command),
    '',
    ...(more?.() ?? []),
    `Exit codes: ${exitCodes}`,
  ]
}

interface Page {
  readonly about: readonly string[]
  /** Made when it is shown: the other commands do not need it. */
  readonly more?: () => readonly string[]
  readonly exitCodes: string
}

const settings = Object.values(SETTINGS)
const messageSettings = Object.values(MESSAGE_SETTINGS)

const PAGES: Readonly<Record<CommandName, Page>> = {
  run: {
    about: [
      'Runs the node of the folder until Ctrl-C. It dials the addresses in',
      'known-peers.json first, such as ["ws://localhost:4001"]; it may be missing.',
    ],
    more: () => [
      'Settings, one NAME=value a line in .env; a variable of the environment wins. In',
      'parentheses the default:',
      ...table(settings.map((each) => [each.name, `${each.meaning} (${each.defaultText})`])),
      'Messages that are kept for peers:',
      ...wrapped(messageSettings.map(lineOf)),
      'Timings, in milliseconds:',
      ...wrapped(TIMING_SETTINGS.map(lineOf)),
      '',
    ],
    exitCodes:
      '0 stopped; 1 what may change by itself: the port or DATA is in use,\nits disk is full, no interface has the IP of LISTEN, no descriptors are left;\n2 configuration error; 130 Ctrl-C twice.',
  },
  status: {
    about: [
      'Shows the connections of the running node of the folder. Or waits, also for a',
      'node that does not run yet, and prints one line.',
    ],
    exitCodes:
      '0 complete, or --watch ended, or the node reached the awaited\nstate; 1 not complete, or not running, or did not reach it in time;\n2 configuration error.',
  },
  check: {
    about: [
      'Checks .env and known-peers.json, and tries each known peer and each peer of the',
      'running node once: does it answer, does it run this code. Tries ADDRESS, too:',
      'does it lead to this node. The node itself need not be running. --verify, the',
      'name of an earlier version, does the same.',
    ],
    exitCodes: '0 no problems, 1 problems, 2 configuration error.',
  },
  publish: {
    about: [
      'Sends a message to all nodes, by the running node of the folder. Without TEXT',
      'each line of the input is a message. TOPIC is such as a.b.c. Each message is a',
      'text; curl sends JSON and bytes, see docs/MESSAGES.md.',
    ],
    exitCodes:
      '0 published, 1 the node is not running, or did not take it;\n2 configuration error.',
  },
  subscribe: {
    about: [
      'Shows what any node publishes from now on, as the running node of the folder',
      'gets it, until Ctrl-C. PATTERN is a topic, a.* for one part more, or a.> for one',
      'or more. In a pipe each line is a JSON object. While the node restarts, the',
      'command waits for it.',
    ],
    exitCodes: '0 stopped, 1 the node is not running, or refused;\n2 configuration error.',
  },
  request: {
    about: [
      'Asks one node, by the running node of the folder, and prints its answer. PEER is',
      'its address, such as ws://localhost:4002, or the id of its process. A program',
      'answers there: node.respond(TOPIC, …). TEXT is a text; without it the body is',
      'null. The answer is printed as it is when it is a text, else as JSON.',
    ],
    exitCodes:
      '0 answered; 1 it did not run, or the node of the folder is not\nrunning; 2 configuration error; 3 it failed, or may have run.',
  },
  init: {
    about: [
      'Creates .env with a free PORT, and known-peers.json with the nodes in folders',
      'beside this one. Files that exist stay as they are.',
    ],
    exitCodes: '0 created or present, 1 all ports in use, 2 configuration error.',
  },
  'add-peer': {
    about: [
      'Adds an address, such as ws://192.168.1.17:4001, to known-peers.json. The node',
      'of the folder, if it runs, dials it at once, and again until it answers. Or a',
      'name in DNS that leads to nodes: dns:NAME:PORT, srv:_mesh._tcp.NAME. Or lan: the',
      'nodes that announce themselves on the local network.',
    ],
    exitCodes: '0 added or present, 1 the running node does not take it,\n2 configuration error.',
  },
  forget: {
    about: [
      'Removes an address from known-peers.json. The node of the folder, if it runs,',
      'does not dial that peer any more and is complete without it. For a peer that is',
      'gone for good: do it at each node. A connected peer must be stopped first.',
    ],
    exitCodes:
      '0 removed or absent, 1 the peer is connected or in KNOWN_PEERS,\nor the running node does not take it; 2 configuration error.',
  },
  secret: {
    about: [
      'Prints a new secret of 256 random bits, or creates the file secret of the folder',
      'with it. A file that exists stays as it is. Copy the file into the folder of',
      'every node: then only they are connected. --token prints what programs on other',
      'machines send to publish and follow over HTTP: Authorization: Bearer TOKEN.',
    ],
    exitCodes:
      '0 printed, created or present, 1 the output cannot be written,\n2 configuration error.',
  },
}

function overview(program: string): readonly string[] {
  return [
    'A node of a peer-to-peer mesh: it finds the other nodes and stays connected.',
    `Usage: ${program} [COMMAND] [FLAGS]`,
    ...table(Object.entries(COMMANDS)),
    ...flagTable(),
    'Settings, NAME=value in .env or in the environment; run --help explains them:',
    ...wrapped(settings.map(({ name }) => name)),
    'Exit codes: 0 ok, 1 not done, 2 configuration error; run and request have more.',
  ]
}

/** The line of .env that changes nothing. A default in words is no value. */
function lineOf({ name, defaultText }: { name: string; defaultText: string }): string {
  return `${name}=${/^\d/.test(defaultText) ? defaultText : ''}`
}

/** The flags of all commands, or those that make a difference to one. */
function flagTable(command?: CommandName): readonly string[] {
  const all: [name: string, flag: Flag][] = Object.entries(FLAGS)
  const flags = all.filter(([name, { of }]) =>
    of === undefined ? command === undefined || name === 'dir' : of === command,
  )
  return table(flags.map(([name, flag]) => [wordsOf(name, flag), flag.meaning]))
}

function wordsOf(name: string, { value, short }: Flag): string {
  if (value !== undefined) return `--${name} ${value}`
  return short === undefined ? `--${name}` : `--${name}, -${short}`
}

function table(rows: readonly (readonly [name: string, meaning: string])[]): readonly string[] {
  const width = Math.max(13, ...rows.map(([name]) => name.length))
  return rows.map(([name, meaning]) => `  ${name.padEnd(width)} ${meaning}`)
}

/** Indented lines of at most 80 columns, broken between words. */
function wrapped(words: readonly string[]): readonly string[] {
  const lines = words.join(' ').match(/\S.{0,77}(?= |$)/g) ?? []
  return lines.map((line) => `  ${line}`)
}
