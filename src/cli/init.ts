/**
 * `--init`: creates what a folder lacks to be a node's. Looks at the folders beside it, so that a
 * new node gets a port of its own and knows somebody. Never changes a file that is there.
 */

import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join, resolve } from 'node:path'
import { assertFolder } from '../config/config.ts'
import { envEntries } from '../config/env-text.ts'
import { SETTINGS } from '../config/settings.ts'
import { readTextFile } from '../config/text-file.ts'
import { missingPermission } from '../errors/missing-permission.ts'
import { NodeError } from '../errors/node-error.ts'
import { systemCodeOf } from '../errors/system-error.ts'
import { fileNotCreated, portsTaken } from './command-error.ts'

/** What a folder lacks, and what is to be put there. */
export interface Plan {
  readonly dir: string
  /** The port for a new `.env`; undefined when there is one. */
  readonly port: number | undefined
  /** The addresses for a new `known-peers.json`; undefined when there is one. */
  readonly knownPeers: readonly string[] | undefined
}

/** The port of the first node, and the first that is tried. */
const PORT_FIRST = 4001

/** More nodes than anybody has on one machine. */
const PORT_LAST = 4999

/** Who knows a few knows all of them soon. */
const KNOWN_PEERS_MAX = 3

/** A folder of more is none where somebody keeps nodes, and is not searched to its end. */
const SIBLINGS_MAX = 1_000

/** Both loopbacks, where a node listens by default. */
const HOSTS = ['127.0.0.1', '::1'] as const

/**
 * Finds out what a folder lacks. Changes nothing.
 *
 * @throws {NodeError} CONFIG_DIR_INVALID when there is no such folder, INIT_PORTS_TAKEN when no
 * port from 4001 to 4999 is free
 */
export async function planInit(dir: string): Promise<Plan> {
  assertFolder(dir)
  const ports = siblingPorts(dir)
  const hasEnv = existsSync(join(dir, '.env'))
  return {
    dir,
    port: hasEnv ? undefined : await freePort(new Set(ports)),
    knownPeers: existsSync(join(dir, 'known-peers.json')) ? undefined : addressesOf(ports),
  }
}

/**
 * Carries out a plan, and gives a line for each file.
 *
 * @throws {NodeError} INIT_FILE_NOT_CREATED when the system refuses, RUNTIME_PERMISSION_MISSING on
 * Deno without `--allow-write`
 */
export function carryOut({ dir, port, knownPeers }: Plan): readonly string[] {
  const files: readonly (readonly [name: string, text: string | undefined])[] = [
    ['.env', port === undefined ? undefined : `PORT=${port}`],
    ['known-peers.json', knownPeers === undefined ? undefined : JSON.stringify(knownPeers)],
  ]
  return files.map(([name, text]) => {
    const file = join(dir, name)
    const isNew = text !== undefined && create(file, `${text}\n`)
    return isNew ? `created ${file}: ${text}` : `${file} is there already and stays as it is`
  })
}

/** False when somebody else has created it meanwhile. */
function create(file: string, text: string): boolean {
  try {
    writeFileSync(file, text, { flag: 'wx' })
    return true
  } catch (cause) {
    const missing = missingPermission(cause)
    if (missing !== undefined) throw missing
    const code = systemCodeOf(cause)
    if (code === 'EEXIST') return false
    throw fileNotCreated({ file, problem: code ?? String(cause), cause })
  }
}

/** The ports of the nodes in the folders beside this one, in ascending order. */
function siblingPorts(dir: string): readonly number[] {
  const folder = dirname(resolve(dir))
  const own = resolve(dir)
  const ports = namesIn(folder)
    .map((name) => join(folder, name))
    .flatMap((path) => (path === own ? [] : (portIn(path) ?? [])))
  return [...new Set(ports)].sort((a, b) => a - b)
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder).slice(0, SIBLINGS_MAX)
  } catch {
    // What we may not look at cannot help us.
    return []
  }
}

/** The port of a node's folder; other programs have a `.env` too, but no known-peers.json. */
function portIn(folder: string): number | undefined {
  try {
    if (!existsSync(join(folder, 'known-peers.json'))) return undefined
    const text = readTextFile(join(folder, '.env')) ?? ''
    const { name, parse } = SETTINGS.port
    const parsed = parse(
      envEntries(text)
        .findLast(({ key }) => key === name)
        ?.value.trim() ?? '',
    )
    return parsed.kind === 'value' ? parsed.value : undefined
  } catch (error) {
    if (error instanceof NodeError) return undefined
    throw error
  }
}

function addressesOf(ports: readonly number[]): readonly string[] {
  const known = ports.length === 0 ? [PORT_FIRST] : ports.slice(0, KNOWN_PEERS_MAX)
  return known.map((port) => `ws://localhost:${port}`)
}

async function freePort(taken: ReadonlySet<number>): Promise<number> {
  for (let port = PORT_FIRST; port <= PORT_LAST; port += 1) {
    if (!taken.has(port) && (await isFree(port))) return port
  }
  throw portsTaken({ first: PORT_FIRST, last: PORT_LAST })
}

async function isFree(port: number): Promise<boolean> {
  for (const host of HOSTS) if (!(await canListen(host, port))) return false
  return true
}

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise((settle, reject) => {
    const server = createServer()
    server.once('error', (error) => {
      const missing = missingPermission(error)
      // A host that this machine does not have is in nobody's way.
      if (missing === undefined) settle(systemCodeOf(error) !== 'EADDRINUSE')
      else reject(missing)
    })
    server.listen({ host, port, exclusive: true }, () => server.close(() => settle(true)))
  })
}
