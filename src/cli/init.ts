/**
 * `init`: creates the files that a node's folder lacks. A new node gets a port that no folder
 * beside it has, and the nodes there as known peers. Never changes a file that exists.
 */

import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { assertFolder } from '../config/config.ts'
import { EnvSource } from '../config/env-source.ts'
import { createFile, notCreated } from '../config/new-file.ts'
import { readSetting } from '../config/read-settings.ts'
import { SETTINGS } from '../config/settings.ts'
import { readTextFile } from '../config/text-file.ts'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'
import { printable } from '../log/printable.ts'

export interface Plan {
  readonly dir: string
  /** The port for a new `.env`; undefined when there is one. */
  readonly port: number | undefined
  /** The addresses for a new `known-peers.json`; undefined when there is one. */
  readonly knownPeers: readonly string[] | undefined
}

const PORT_FIRST = 4001
/** Larger: only delays the message when all are taken. */
const PORT_LAST = 4999

/** A node finds the others through these. */
const KNOWN_PEERS_MAX = 3

/** Larger: in a folder of many others, such as a home of thousands, the search takes seconds. */
const SIBLINGS_MAX = 1_000

/**
 * Finds out what a folder lacks. Changes nothing.
 *
 * @throws {NodeError} CONFIG_DIR_INVALID when there is no such folder, CONFIG_FILE_… when a file
 * that is there cannot be read, INIT_PORTS_TAKEN when no port from 4001 to 4999 is free
 */
export async function planInit(dir: string): Promise<Plan> {
  assertFolder(dir)
  const ports = siblingPorts(dir)
  const known = ports.length === 0 ? [PORT_FIRST] : ports.slice(0, KNOWN_PEERS_MAX)
  const addresses = known.map((port) => `ws://localhost:${port}`)
  // A folder, or a link that leads nowhere, is none that a node could read.
  const has = (name: string): boolean => readTextFile(join(dir, name)) !== undefined
  return {
    dir,
    port: has('.env') ? undefined : await freePort(new Set(ports)),
    knownPeers: has('known-peers.json') ? undefined : addresses,
  }
}

/**
 * Carries out a plan, and gives a line for each file.
 *
 * @throws {NodeError} INIT_FILE_NOT_CREATED when the system refuses, RUNTIME_PERMISSION_MISSING on
 * Deno without `--allow-write`
 */
export function carryOut({ dir, port, knownPeers }: Plan): readonly string[] {
  return [
    create(join(dir, '.env'), port === undefined ? undefined : `PORT=${port}`),
    create(join(dir, 'known-peers.json'), knownPeers && JSON.stringify(knownPeers)),
  ]
}

/** Creates a file unless there is one, and says so. */
function create(file: string, text: string | undefined): string {
  const present = `${file} exists and stays as it is`
  if (text === undefined) return present
  try {
    return createFile(file, `${text}\n`) ? `created ${file}: ${text}` : present
  } catch (cause) {
    throw notCreated('INIT_FILE_NOT_CREATED', file, cause)
  }
}

/** The ports of the nodes in the folders beside this one, in ascending order. */
function siblingPorts(dir: string): readonly number[] {
  const own = resolve(dir)
  const folder = dirname(own)
  const others = namesIn(folder)
    .map((name) => join(folder, name))
    .filter((path) => path !== own)
  const ports = others.flatMap((path) => portIn(path) ?? [])
  return [...new Set(ports)].sort((a, b) => a - b)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, SIBLINGS_MAX)
  } catch {
    // Without permission to read it, there are no siblings to consider.
    return []
  }
}

/** The port of a node's folder; those of other programs may have a `.env`, but no known peers. */
function portIn(folder: string): number | undefined {
  try {
    if (!existsSync(join(folder, 'known-peers.json'))) return undefined
    return readSetting(new EnvSource(join(folder, '.env'), {}), SETTINGS.port)
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let port = PORT_FIRST; port <= PORT_LAST; port += 1) {
    if (!taken.has(port) && (await isFree(port))) return port
  }
  const message = `all ports from ${PORT_FIRST} to ${PORT_LAST} are in use; create .env yourself, with a line such as PORT=${PORT_LAST + 1}`
  throw new NodeError('INIT_PORTS_TAKEN', message, { exitCode: 1 })
}

/** Whether no program listens on it on a loopback, where a node listens by default. */
async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '::1']) {
    try {
      const server = createServer().listen({ host, port, exclusive: true })
      await once(server, 'listening')
      server.close()
      await once(server, 'close')
    } catch (error) {
      // A host that this machine lacks blocks no port.
      if (refusalOf(error) === 'EADDRINUSE') return false
    }
  }
  return true
}

/** Asks the person at the terminal whether to create the files; false without one or on no. */
export async function offerInit(
  dir: string,
  terminal: Terminal,
  print: (line: string) => void,
): Promise<boolean> {
  if (!hasReader(terminal)) return false
  const plan = await planInit(dir)
  const others = plan.knownPeers === undefined ? '' : ' and known-peers.json'
  const question = `no .env in ${dir}; create one with PORT=${plan.port}${others}?`
  if (!(await askYes(printable(question), terminal))) return false
  for (const line of carryOut(plan)) print(printable(line))
  return true
}

/** Two ends of one terminal: `process` has them. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean }
  readonly stdout: Writable & { readonly isTTY?: boolean }
}

/** Whether a person can answer: both ends are a terminal. */
export function hasReader({ stdin, stdout }: Terminal): boolean {
  return stdin.isTTY === true && stdout.isTTY === true
}

/**
 * Prints a question, and gives whether the answer is yes: an empty line, `y` or `yes`. The end of
 * the input (Ctrl-D) is a no; Ctrl-C ends the process as always.
 */
export async function askYes(question: string, { stdin, stdout }: Terminal): Promise<boolean> {
  stdout.write(`${question} [Y/n] `)
  const line = await new Promise<unknown>((resolve) => {
    const onEnd = (): void => resolve(undefined)
    // A terminal gives whole lines.
    stdin.once('data', resolve).once('end', onEnd).once('error', onEnd)
  })
  // A stream that flows keeps the process alive.
  stdin.pause()
  if (line === undefined) stdout.write('\n')
  return line !== undefined && /^\s*(?:y(?:es)?)?\s*$/i.test(String(line))
}
