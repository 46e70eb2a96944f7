/**
 * The node folders `node-1`, `node-2`, … of a root folder: lists them, clones node-1, and checks
 * whether their ports are in use. Uses only Node's own modules, so that it also runs on Deno.
 */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { connect, isIP } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { parseAutoAddress } from '../src/config/auto-address.ts'
import { readTextFile } from '../src/config/text-file.ts'
import { NodeError } from '../src/errors/node-error.ts'
import { ToolError } from './command-line.ts'
import { portOf, settingOf, withPort } from './env-file.ts'

export const TEMPLATE_NAME = 'node-1'

/** PORT of node-N is this plus N. */
const PORT_BASE = 4000

/** Only these are cloned: a running node may write other files, which are its own state. */
const NODE_FILES = ['index.js', '.env', 'known-peers.json', 'secret'] as const

/** How long to wait for a connection. On the same machine it takes microseconds. */
const PROBE_TIMEOUT_MS = 1000

export interface NodeEntry {
  readonly name: string
  readonly number: number
  readonly path: string
  /** False for a file or a symbolic link of that name: the tools do not change them. */
  readonly isFolder: boolean
}

/** Everything in the root that is named `node-N`, by number. N has no leading zeros. */
export function nodeEntries(root: string): NodeEntry[] {
  return readdirSync(root, { withFileTypes: true })
    .filter((entry) => /^node-[1-9]\d*$/.test(entry.name))
    .map((entry) => ({
      name: entry.name,
      number: Number(entry.name.slice('node-'.length)),
      path: join(root, entry.name),
      isFolder: entry.isDirectory(),
    }))
    .sort((a, b) => a.number - b.number)
}

/** True for a folder with at least one file that only nodes have. */
export function isNodeFolder({ isFolder, path }: NodeEntry): boolean {
  return isFolder && ['index.js', '.env'].some((file) => isRegularFile(join(path, file)))
}

/**
 * Clones node-1 to the lowest free number. The clone is made under a hidden name and then renamed,
 * which is atomic: two clones at once never get one folder, and no folder is incomplete. Gives the
 * ADDRESS of node-1 if it was copied as it is; then it is wrong for the clone.
 *
 * @throws {ToolError} when there is no node-1 to clone
 */
export function cloneNode(root: string) {
  const template = join(root, TEMPLATE_NAME)
  requireTemplate(template)
  const staging = join(root, `.node-clone-${randomUUID()}`)
  mkdirSync(staging)
  try {
    for (const file of NODE_FILES) {
      // All but index.js are optional: PORT is added below.
      const source = join(template, file)
      if (existsSync(source)) copyFileSync(source, join(staging, file))
    }
    const env = envTextOf({ path: staging })
    for (let number = 2; ; number++) {
      const name = `node-${number}`
      const port = PORT_BASE + number
      if (isTaken(join(root, name))) continue
      const own = withPort(env, port)
      writeFileSync(join(staging, '.env'), own)
      if (renameIfFree(staging, join(root, name))) {
        const address = settingOf(own, 'ADDRESS') ?? 'auto'
        const isOwn =
          parseAutoAddress(address) !== undefined || address !== settingOf(env, 'ADDRESS')
        return { name, port, address: isOwn ? undefined : address }
      }
    }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/**
 * Gives a clone the index.js of node-1; false when it already has it. Renamed into place, so that a
 * node that starts meanwhile reads the old code or the new code, not a part.
 */
export function refreshClone(root: string, clone: NodeEntry): boolean {
  const source = join(root, TEMPLATE_NAME, 'index.js')
  const target = join(clone.path, 'index.js')
  if (isRegularFile(target) && readFileSync(target).equals(readFileSync(source))) return false
  const staging = join(clone.path, `.index-${randomUUID()}.js`)
  try {
    copyFileSync(source, staging)
    renameSync(staging, target)
  } finally {
    rmSync(staging, { force: true })
  }
  return true
}

/** The text of a node's `.env` as the node reads it; empty when there is none. */
export function envTextOf(node: Pick<NodeEntry, 'path'>): string {
  try {
    return readTextFile(join(node.path, '.env')) ?? ''
  } catch (error) {
    throw error instanceof NodeError ? new ToolError(error.message) : error
  }
}

/**
 * The port of this node if any program listens on it, on the IP addresses of this machine that
 * LISTEN and ADDRESS name.
 */
export async function portInUse(node: NodeEntry): Promise<number | undefined> {
  const env = envTextOf(node)
  const port = portOf(env)
  if (port === undefined) return undefined
  const accepted = await Promise.all(hostsOf(env).map((host) => accepts(host, port)))
  return accepted.includes(true) ? port : undefined
}

/** The IP addresses of this machine on which a node with this `.env` may listen. */
function hostsOf(env: string): readonly string[] {
  const address = settingOf(env, 'ADDRESS') ?? ''
  const named = [
    ...(settingOf(env, 'LISTEN') ?? '').split(','),
    ...(URL.canParse(address) ? [new URL(address).hostname] : []),
  ]
    .map((host) => host.trim().replace(/^\[(.*)\]$/, '$1'))
    .filter((host) => isIP(host) !== 0)
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  // The system lists addresses without zones (`fe80::1%eth0`); a dial needs the zone.
  const isOwn = (ip: string) => own.some(({ address }) => address === ip.replace(/%.*/, ''))
  // A node that listens on all interfaces is reached on the loopbacks.
  const hosts = named.filter((ip) => isOwn(ip) || ip.startsWith('127.'))
  return [...new Set(['127.0.0.1', '::1', ...hosts])]
}

/** @throws {ToolError} with the fix when there is no node-1 with code in it */
export function requireTemplate(template: string): void {
  if (!lstatSync(template, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ToolError(`there is no folder '${template}': get it back with git restore node-1`)
  }
  if (!isRegularFile(join(template, 'index.js'))) {
    throw new ToolError(`'${template}' has no index.js: make it with npm run build`)
  }
}

/** Renames `staging` to `target`; false when another process took that name meanwhile. */
function renameIfFree(staging: string, target: string): boolean {
  try {
    renameSync(staging, target)
    return true
  } catch (error) {
    // The error depends on the system (ENOTEMPTY, EEXIST, EPERM).
    if (isTaken(target)) return false
    throw error
  }
}

/** True also for a dangling symbolic link, unlike existsSync. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isRegularFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) })
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
