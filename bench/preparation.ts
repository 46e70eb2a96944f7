/**
 * What must be there before the first trial: bundles, packages, programs. What can be had is got;
 * prints what fails, and leaves out the systems that need it.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { type BuildOptions, build } from 'esbuild'
import { ToolError } from '../build/command-line.ts'
import { fetchNode, hostPlatform } from '../build/node-releases.ts'
import { REPOSITORY } from '../build/repository.ts'
import type { Programs, SystemName } from './systems/system.ts'

/** The folder for output that is not committed. */
export const OUTPUT = join(REPOSITORY, 'dist', 'bench')

const BENCH = import.meta.dirname

/** libp2p needs it. */
const NEWER_NODE_MAJOR = 22

/** Where what carries messages is bundled to. */
const MESSAGES_OUTPUT = join(OUTPUT, 'messages')

/** What needs a newer Node, and the packages of bench/package.json. */
const NEWER: readonly SystemName[] = ['libp2p', 'gossipsub']
const PACKAGED: readonly SystemName[] = [...NEWER, 'nats-server', 'zeromq', 'socket.io']

/** What the trials run, and what could not be had. */
export interface Preparation {
  readonly programs: Programs
  /** The path of valgrind. */
  readonly valgrind: string | undefined
  /** One sentence for each thing that is missing. */
  readonly leftOut: readonly string[]
}

/**
 * Makes and gets what these systems need.
 *
 * @param other the file of another build of Fullmesh
 */
export async function prepare(
  systems: readonly SystemName[],
  other?: string,
): Promise<Preparation> {
  const leftOut: string[] = []
  const orLeftOut = async <Value>(what: string, get: () => Value | Promise<Value>) => {
    try {
      return await get()
    } catch (error) {
      if (!(error instanceof ToolError)) throw error
      leftOut.push(`${what}: ${error.message}`)
      return undefined
    }
  }
  await bundlePrograms()
  const natsServer = systems.includes('nats-server')
    ? await orLeftOut('nats-server', () => debianProgram('nats-server', '/usr/sbin/nats-server'))
    : undefined
  const packages = systems.some((name) => PACKAGED.includes(name))
    ? await orLeftOut('packages', installPackages)
    : undefined
  const newer =
    packages !== undefined && systems.some((name) => NEWER.includes(name))
      ? await orLeftOut('libp2p', newerNode)
      : undefined
  const valgrind = await orLeftOut('instruction counts', () =>
    debianProgram('valgrind', '/usr/bin/valgrind'),
  )
  const programs = {
    node: process.execPath,
    fullmesh: join(REPOSITORY, 'node-1', 'index.js'),
    'bare-ws': join(OUTPUT, 'bare-ws.cjs'),
    'bare-wss': join(OUTPUT, 'bare-wss.cjs'),
    floor: join(OUTPUT, 'floor.cjs'),
    plain: join(OUTPUT, 'plain.cjs'),
    'plain-unbundled': join(OUTPUT, 'plain-unbundled.mjs'),
    ...(other !== undefined && { other }),
    ...(natsServer !== undefined && { natsServer }),
    ...(newer !== undefined && {
      newerNode: newer,
      libp2p: join(BENCH, 'programs', 'libp2p.mjs'),
    }),
    messages: {
      worker: join(MESSAGES_OUTPUT, 'worker.cjs'),
      bundled: MESSAGES_OUTPUT,
      ...(packages !== undefined && { packages: join(BENCH, 'programs', 'messages') }),
    },
  }
  return { programs, valgrind, leftOut }
}

/** As one file each, as Fullmesh is: what is loaded at start is a good part of what is measured. */
async function bundlePrograms(): Promise<void> {
  const sources = (...names: readonly string[]): BuildOptions => ({
    entryPoints: names.map((name) => join(BENCH, 'programs', `${name}.ts`)),
    outdir: OUTPUT,
    bundle: true,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  const common: BuildOptions = {
    outExtension: { '.js': '.cjs' },
    // The very ws that Fullmesh has. libp2p brings another one, which is nearer to these files.
    alias: { ws: join(REPOSITORY, 'node_modules', 'ws') },
    format: 'cjs',
  }
  await build({ ...common, ...sources('bare-ws', 'bare-wss', 'floor', 'plain', 'core') })
  await build({
    ...common,
    ...sources('messages/fullmesh', 'messages/ws', '../messages/worker'),
    outdir: MESSAGES_OUTPUT,
    entryNames: '[name]',
  })
  await build({
    ...sources('plain-unbundled'),
    outExtension: { '.js': '.mjs' },
    packages: 'external',
    format: 'esm',
  })
}

/** The packages of bench/package.json, which that of the repository has not. Gives their folder. */
function installPackages(): string {
  const folder = join(BENCH, 'node_modules')
  const lock = join(BENCH, 'package-lock.json')
  const installed = join(folder, '.package-lock.json')
  if (existsSync(installed) && statSync(installed).mtimeMs >= statSync(lock).mtimeMs) return folder
  console.log('installing the packages of bench/package.json')
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  const { status, stderr } = spawnSync('npm', words, { cwd: BENCH, encoding: 'utf8' })
  if (status !== 0) throw new ToolError(`npm ci in bench/ failed: ${lastLine(stderr)}`)
  return folder
}

async function newerNode(): Promise<string> {
  if (Number.parseInt(process.versions.node, 10) >= NEWER_NODE_MAJOR) return process.execPath
  return fetchNode(hostPlatform())
}

/** A program that Debian has; as root on Debian it is installed. */
function debianProgram(name: string, path: string): string {
  if (existsSync(path)) return path
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
    throw new ToolError(`there is no ${path}, and only root on Debian can install it`)
  }
  console.log(`installing ${name}`)
  aptGet('update')
  aptGet('install', '-y', '--no-install-recommends', name)
  if (!existsSync(path)) throw new ToolError(`apt-get installed ${name}, but no ${path}`)
  return path
}

function aptGet(...words: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const { status, stderr } = spawnSync('apt-get', ['-qq', ...words], { env, encoding: 'utf8' })
  if (status !== 0) throw new ToolError(`apt-get ${words[0]} failed: ${lastLine(stderr)}`)
}

function lastLine(text: string | null): string {
  return text?.trim().split('\n').at(-1) ?? ''
}
