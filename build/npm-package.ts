/**
 * Packages that npm carries and `npm ci` does not install: whole runtimes, tens of megabytes each.
 * Fetched on demand, pinned by checksum, and kept for the next time in the user's cache folder.
 */

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'

/** A package, pinned. */
export interface PinnedPackage {
  readonly name: string
  readonly version: string
  /** Subresource integrity of the archive, as npm has it: `sha512-` and 88 characters of Base64. */
  readonly integrity: string
}

/**
 * Gives the folder of a package with its files, fetched if need be. Two processes may ask for the
 * same one at the same time.
 *
 * @throws {ToolError} when npm cannot get it, or when it is not what was pinned
 */
export async function fetchPackage(pinned: PinnedPackage, cache = cacheFolder()): Promise<string> {
  const folder = join(cache, `${pinned.name.replace('/', '+')}-${pinned.version}`)
  const archive = `${folder}.tgz`
  mkdirSync(cache, { recursive: true })
  if (!existsSync(archive) || integrityOf(archive) !== pinned.integrity) {
    // What was unpacked from another archive is not to be trusted either.
    rmSync(folder, { recursive: true, force: true })
    await inStaging(cache, async (staging) => {
      await download(pinned, staging)
      renameSync(join(staging, 'package.tgz'), archive)
    })
  }
  if (!existsSync(folder)) {
    await inStaging(cache, async (staging) => {
      await run('tar', ['-xzf', archive, '-C', staging])
      takePlace(join(staging, 'package'), folder)
    })
  }
  return folder
}

async function download({ name, version, integrity }: PinnedPackage, staging: string) {
  const spec = `${name}@${version}`
  await run('npm', ['pack', spec, '--silent', '--ignore-scripts', '--pack-destination', staging])
  const [file, ...others] = readdirSync(staging)
  if (file === undefined || others.length > 0) throw new ToolError(`npm pack ${spec} made no file`)
  const got = integrityOf(join(staging, file))
  if (got !== integrity) {
    throw new ToolError(`${spec} is not the pinned one: its checksum is ${got}, not ${integrity}`)
  }
  renameSync(join(staging, file), join(staging, 'package.tgz'))
}

/** Whoever came first has put the same files there. */
function takePlace(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if (!existsSync(to)) throw error
  }
}

/** Half a package must never be taken for a whole one: it is made beside the cache and moved. */
async function inStaging(cache: string, work: (staging: string) => Promise<void>): Promise<void> {
  const staging = mkdtempSync(join(cache, '.staging-'))
  try {
    await work(staging)
  } finally {
    rmSync(staging, { recursive: true, force: true })
  }
}

function integrityOf(file: string): string {
  return `sha512-${createHash('sha512').update(readFileSync(file)).digest('base64')}`
}

function cacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'fullmesh')
}

function run(program: string, words: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell can start.
    const shell = program === 'npm' && process.platform === 'win32'
    const child = spawn(program, words, { shell, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const fail = (problem: string): void =>
      reject(new ToolError(`${program} ${words[0]} ${problem}: ${said.trim()}`))
    child.on('error', (error) => fail(error.message))
    child.on('close', (code) => (code === 0 ? resolve() : fail(`ended with exit code ${code}`)))
  })
}
