import { cpSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { lockFolder } from '../../src/storage/lock.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

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
