/**
 * The node folders `node-1`, `node-2`, … of a root folder: finds them, clones node-1, and tells
 * whether the port of one is in use. Uses only Node's own modules, so that it also runs on Deno as
 * it is.
 */

import { randomUUID } from 'node:crypto'
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
import { readTextFile } from '../src/config/text-file.ts'
import { NodeError } from '../src/errors/node-error.ts'
import { ToolError } from './command-line.ts'
import { settingOf, withPort } from './env-file.ts'

/** The folder that all the others are clones of. */
export const TEMPLATE_NAME = 'node-1'

/** PORT of node-N is this plus N. */
export const PORT_BASE = 4000

/**
 * What makes a node. Only these are cloned, because a node that runs may write other files beside
 * them, and a clone must not be born with somebody else's state.
 */
const NODE_FILES = ['index.js', '.env', 'known-peers.json'] as const

/** How long to wait for a port to answer. On the same machine it is microseconds. */
const PROBE_TIMEOUT_MS = 1000

/** A folder, or something else, with the name of a node. */
export interface NodeEntry {
  readonly name: string
  readonly number: number
  readonly path: string
  /** False for a file or a symbolic link of that name, which is never ours to change. */
  readonly isFolder: boolean
}

/** A clone that was just made. */
export interface Clone {
  readonly name: string
  readonly port: number
  /** The ADDRESS that was copied from node-1, where it has one. It is wrong for the clone. */
  readonly address: string | undefined
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

/**
 * True when the folder holds at least one file of a node, and so was made by a clone or by hand for
 * one.
 */
export function isNodeFolder(entry: NodeEntry): boolean {
  return (
    entry.isFolder && ['index.js', '.env'].some((file) => isRegularFile(join(entry.path, file)))
  )
}

/**
 * Clones node-1 to the lowest free number. The clone is put together under a hidden name and then
 * renamed, which either happens entirely or not at all: two clones at once never get one folder,
 * and no folder is ever half a node.
 *
 * @throws {ToolError} when there is no node-1 to clone
 */
export function cloneNode(root: string): Clone {
  const template = join(root, TEMPLATE_NAME)
  requireTemplate(template)
  const staging = join(root, `.node-clone-${randomUUID()}`)
  mkdirSync(staging)
  try {
    for (const file of NODE_FILES) {
      // known-peers.json and .env may be missing: a node alone is fine, and PORT is added below.
      const source = join(template, file)
      if (existsSync(source)) copyFileSync(source, join(staging, file))
    }
    const envFile = join(staging, '.env')
    const env = envTextOf({ path: staging })
    for (let number = 2; ; number++) {
      const name = `node-${number}`
      const port = PORT_BASE + number
      if (isTaken(join(root, name))) continue
      writeFileSync(envFile, withPort(env, port))
      if (claim(staging, join(root, name)))
        return { name, port, address: settingOf(env, 'ADDRESS') }
    }
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

/**
 * Gives a clone the index.js of node-1 if it has another one. Says whether it had. Renamed into
 * place, so that a node that starts meanwhile reads the old code or the new, not half of it.
 */
export function refreshClone(root: string, clone: NodeEntry): boolean {
  const source = join(root, TEMPLATE_NAME, 'index.js')
  const target = join(clone.path, 'index.js')
  if (isRegularFile(target) && readFileSync(target).equals(readFileSync(source))) return false
  const staging = join(clone.path, `.index-${randomUUID()}.js`)
  copyFileSync(source, staging)
  renameSync(staging, target)
  return true
}

/** The text of a node's `.env` as the node itself reads it; empty when there is none. */
export function envTextOf(node: Pick<NodeEntry, 'path'>): string {
  try {
    return readTextFile(join(node.path, '.env')) ?? ''
  } catch (error) {
    throw error instanceof NodeError ? new ToolError(error.message) : error
  }
}

/**
 * The port of this node, if something listens on it where the node would: on this machine, as
 * LISTEN and ADDRESS have it. Who it is that listens is not asked.
 */
export async function portInUse(node: NodeEntry): Promise<number | undefined> {
  const env = envTextOf(node)
  const port = Number(settingOf(env, 'PORT'))
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  const answers = await Promise.all(hostsOf(env).map((host) => answersAt(host, port)))
  return answers.includes(true) ? port : undefined
}

/** The IP addresses of this machine on which a node with this `.env` may be listening. */
function hostsOf(env: string): readonly string[] {
  const address = settingOf(env, 'ADDRESS') ?? ''
  const named = [
    ...(settingOf(env, 'LISTEN') ?? '').split(','),
    ...(URL.canParse(address) ? [new URL(address).hostname] : []),
  ]
    .map((host) => host.trim().replace(/^\[(.*)\]$/, '$1'))
    .filter((host) => isIP(host) !== 0)
  const own = Object.values(networkInterfaces()).flatMap((all) => all ?? [])
  // A zone (`fe80::1%eth0`) is not a part of what the system lists, but is of what is dialed.
  const isOwn = (ip: string) => own.some(({ address }) => address === ip.replace(/%.*/, ''))
  // Who listens on all interfaces answers on the loopbacks.
  const hosts = named.filter((ip) => isOwn(ip) || ip.startsWith('127.'))
  return [...new Set(['127.0.0.1', '::1', ...hosts])]
}

/**
 * Checks that there is a node-1 with code in it. @throws {ToolError} with the fix when there is
 * not.
 */
export function requireTemplate(template: string): void {
  if (!lstatSync(template, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ToolError(`there is no folder '${template}': get it back with git restore node-1`)
  }
  if (!isRegularFile(join(template, 'index.js'))) {
    throw new ToolError(`'${template}' has no index.js: make it with npm run build`)
  }
}

/** Renames `staging` to `target`, or says false when somebody else took that name meanwhile. */
function claim(staging: string, target: string): boolean {
  try {
    renameSync(staging, target)
    return true
  } catch (error) {
    // Which error it is depends on the system (ENOTEMPTY, EEXIST, EPERM), so look at the cause.
    if (isTaken(target)) return false
    throw error
  }
}

/** True for a dangling symbolic link too, unlike existsSync. */
function isTaken(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

function isRegularFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

function answersAt(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    const settle = (answered: boolean) => {
      socket.destroy()
      resolve(answered)
    }
    socket.setTimeout(PROBE_TIMEOUT_MS, () => settle(false))
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}
