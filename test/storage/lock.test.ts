import { cpSync, existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import test from 'ava'
import { lockFolder } from '../../src/storage/lock.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

test('lock - a folder is taken once, and free again when it is released', (t) => {
  const folder = temporaryFolder(t)
  const lock = lockFolder(folder)
  t.deepEqual(lockFolder(folder), { kind: 'taken', pid: process.pid })
  if (lock.kind === 'held') lock.release()
  t.false(existsSync(join(folder, 'lock')))
  t.is(lockFolder(folder).kind, 'held')
})

test('lock - one of a process that is gone does not block', (t) => {
  // Also of one that died while it wrote the lock, and of an earlier process with a pid of today.
  const folder = temporaryFolder(t)
  const lock = lockFolder(folder)
  const text = readFileSync(join(folder, 'lock'), 'utf8')
  const facts = JSON.parse(text)
  if (lock.kind === 'held') lock.release()
  const stale = [
    '',
    text.slice(0, 20),
    'null',
    JSON.stringify({ ...facts, token: 'other' }),
    JSON.stringify({ ...facts, pid: 2 ** 22 + 1 }),
    JSON.stringify({ ...facts, pid: process.ppid, start: 'earlier' }),
  ]
  for (const content of stale) {
    writeFileSync(join(folder, 'lock'), content)
    const again = lockFolder(folder)
    t.is(again.kind, 'held', content)
    if (again.kind === 'held') again.release()
  }
})

test('lock - one of another process that runs is respected', (t) => {
  const folder = temporaryFolder(t)
  lockFolder(folder)
  const path = join(folder, 'lock')
  const { folder: of } = JSON.parse(readFileSync(path, 'utf8'))
  writeFileSync(path, JSON.stringify({ pid: process.ppid, token: 'other', folder: of }))
  t.deepEqual(lockFolder(folder), { kind: 'taken', pid: process.ppid })
})

test('lock - a copied folder is free, a moved one is not', (t) => {
  const parent = temporaryFolder(t, { 'data/x': '' })
  const folder = join(parent, 'data')
  lockFolder(folder)
  cpSync(folder, join(parent, 'copy'), { recursive: true })
  t.is(lockFolder(join(parent, 'copy')).kind, 'held')
  renameSync(folder, join(parent, 'moved'))
  t.is(lockFolder(join(parent, 'moved')).kind, 'taken')
})

test('lock - one process at a time replaces that of a process that is gone', (t) => {
  const folder = temporaryFolder(t)
  const [path, guard] = [join(folder, 'lock'), join(folder, 'lock.next')]
  const lock = lockFolder(folder)
  const facts = JSON.parse(readFileSync(path, 'utf8'))
  if (lock.kind === 'held') lock.release()
  const stale = JSON.stringify({ ...facts, pid: 2 ** 22 + 1 })
  writeFileSync(path, stale)
  writeFileSync(guard, JSON.stringify({ ...facts, pid: process.ppid, start: undefined }))
  t.is(lockFolder(folder).kind, 'taken')
  t.is(readFileSync(path, 'utf8'), stale)
  // It died before it was done.
  writeFileSync(guard, stale)
  t.is(lockFolder(folder).kind, 'held')
  t.deepEqual(readdirSync(folder), ['lock'])
})

/** Reads a lock again and again until it is told to end, and says whether it ever had no text. */
const READER = `
  const { readFileSync } = require('node:fs')
  const { workerData: { path, flags } } = require('node:worker_threads')
  const all = new Int32Array(flags)
  while (Atomics.load(all, 0) === 0) {
    Atomics.store(all, 2, 1)
    try {
      if (readFileSync(path, 'utf8') === '') Atomics.store(all, 1, 1)
    } catch {}
  }
`

test('lock - nobody finds one without its text', async (t) => {
  const folder = temporaryFolder(t)
  const flags = new Int32Array(new SharedArrayBuffer(3 * 4))
  const workerData = { path: join(folder, 'lock'), flags: flags.buffer }
  const reader = new Worker(READER, { eval: true, workerData })
  t.teardown(() => reader.terminate())
  await waitUntil(
    () => Atomics.load(flags, 2) > 0,
    () => 'a reader',
  )
  for (let n = 0; n < 1_000; n += 1) {
    const lock = lockFolder(folder)
    if (lock.kind === 'held') lock.release()
  }
  Atomics.store(flags, 0, 1)
  t.is(flags[1], 0)
})
