/**
 * The lock of a folder: a file that names the process which uses it. One of a process that is gone
 * is taken over; so is that of a folder which was copied with it.
 */

import { randomUUID } from 'node:crypto'
import { linkSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemCodeOf } from '../errors/system-error.ts'

/** Of this process. A container that starts again has the same pid. */
const TOKEN = randomUUID()

/** How often another process may change the lock meanwhile. */
const TRIES_MAX = 10

/** A file of Deno, which lets no program look for processes, but has locks of the system. */
interface LockableFile {
  tryLockSync(exclusive: boolean): boolean
  close(): void
}

interface DenoFiles {
  openSync(path: string, options: object): LockableFile
}

export type Lock =
  | { readonly kind: 'held'; release(): void }
  /** By this process, or another one. */
  | { readonly kind: 'taken'; readonly pid: number }

/** @throws what the system says when it cannot be written */
export function lockFolder(folder: string): Lock {
  const path = join(folder, 'lock')
  const text = JSON.stringify({
    pid: process.pid,
    token: TOKEN,
    start: startOf(process.pid),
    folder: identityOf(folder),
  })
  const systemLock = denoFile(join(folder, 'lock.deno'))
  if (systemLock?.tryLockSync(true) === false) {
    systemLock.close()
    return { kind: 'taken', pid: pidIn(textOf(path)) }
  }
  const isHeld = (held: string): boolean => isInUse(held, folder, systemLock !== undefined)
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const found = textOf(path)
    if (found !== undefined && isHeld(found)) break
    const isOurs = found === undefined ? tryMake(path, text) : tryReplace(path, found, text, isHeld)
    if (!isOurs) continue
    return {
      kind: 'held',
      release() {
        if (textOf(path) === text) rmSync(path, { force: true })
        systemLock?.close()
      },
    }
  }
  systemLock?.close()
  return { kind: 'taken', pid: pidIn(textOf(path)) }
}

/**
 * Makes a lock unless there is one, and gives whether it did. It has its text at once: one that is
 * empty is taken for that of a process which died while it wrote.
 */
function tryMake(path: string, text: string): boolean {
  const whole = `${path}.${TOKEN}`
  try {
    writeFileSync(whole, text)
    linkSync(whole, path)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    // A file system may have no links.
    return tryWrite(path, text)
  } finally {
    rmSync(whole, { force: true })
  }
}

function tryWrite(path: string, text: string): boolean {
  try {
    writeFileSync(path, text, { flag: 'wx' })
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'EEXIST') return false
    throw error
  }
}

/** Replaces the lock that was judged, and no other that came since: one process at a time. */
function tryReplace(
  path: string,
  judged: string,
  text: string,
  isHeld: (text: string) => boolean,
): boolean {
  const guard = `${path}.next`
  if (!tryMake(guard, text)) {
    // One of a process that died here.
    if (!isHeld(textOf(guard) ?? text)) rmSync(guard, { force: true })
    return false
  }
  try {
    if (textOf(path) !== judged) return false
    const whole = `${path}.${TOKEN}`
    writeFileSync(whole, text)
    renameSync(whole, path)
    return true
  } finally {
    rmSync(guard, { force: true })
  }
}

/** Whether a lock is that of a process which uses the folder. */
function isInUse(text: string, folder: string, isOnDeno: boolean): boolean {
  const { pid, token, start, folder: of } = factsIn(text)
  // It was not written to its end, or was copied with its folder.
  if (typeof pid !== 'number' || of !== identityOf(folder)) return false
  if (pid === process.pid) return token === TOKEN
  return isAlive(pid, isOnDeno) && (typeof start !== 'string' || start === startOf(pid))
}

function isAlive(pid: number, isOnDeno: boolean): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (systemCodeOf(error) === 'ESRCH') return false
    // EPERM: it runs, as another user. Deno may not look, and the lock of the system decides.
    return !isOnDeno
  }
}

function pidIn(text: string | undefined): number {
  const { pid } = factsIn(text ?? '')
  return Number(pid ?? 0)
}

function factsIn(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : {}
  } catch {
    return {}
  }
}

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** A copy has another one; a folder that is moved keeps it. */
function identityOf(folder: string): string {
  const { dev, ino } = statSync(folder, { bigint: true })
  return `${dev}:${ino}`
}

/** When a process started: another one with its pid differs. Undefined when that is hidden. */
function startOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    // The name of the program, in parentheses, can have spaces.
    const [, fields = ''] = /.*\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return `${boot} ${fields.split(' ')[19]}`
  } catch {
    return undefined
  }
}

function denoFile(path: string): LockableFile | undefined {
  const scope: object = globalThis
  if (!hasDeno(scope)) return undefined
  return scope.Deno.openSync(path, { read: true, write: true, create: true })
}

function hasDeno(scope: object): scope is { readonly Deno: DenoFiles } {
  return 'Deno' in scope
}
