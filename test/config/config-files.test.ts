/** The files and the folder that a configuration is read from: missing, unreadable, too large. */

import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('config - refuses a .env that is a folder', (t) => {
  const dir = temporaryFolder(t, { '.env/x': '' })
  const act = () => readConfig({ dir, env: {} })
  throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', join(dir, '.env'), 'is a folder')
})

for (const target of ['.env', 'nowhere', 'no/where']) {
  test(`config - refuses a .env that is a link to ${target} and leads nowhere`, (t) => {
    const dir = temporaryFolder(t)
    symlinkSync(target, join(dir, '.env'))
    const act = () => readConfig({ dir, env: { PORT: '4001' } })
    const facts = [join(dir, '.env'), 'a link that leads nowhere']
    const error = throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', ...facts)
    t.true(error.cause instanceof Error)
  })
}

test('config - reads a .env that is a link to a file', (t) => {
  const dir = temporaryFolder(t, { shared: 'PORT=4001' })
  symlinkSync('shared', join(dir, '.env'))
  t.is(readConfig({ dir, env: {} }).port, 4001)
})

for (const name of ['.env', 'known-peers.json']) {
  test(`config - refuses a ${name} that is a pipe or a device, and does not wait for it`, (t) => {
    const dir = temporaryFolder(t)
    const file = join(dir, name)
    const act = () => readConfig({ dir, env: { PORT: '4001' } })
    execFileSync('mkfifo', [file])
    throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', file, 'is not a file')
    rmSync(file)
    symlinkSync('/dev/zero', file)
    throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', file, 'is not a file')
  })
}

if (existsSync('/proc/self/status')) {
  test('config - reads a file whose size is 0, such as those of /proc', (t) => {
    const dir = temporaryFolder(t)
    symlinkSync('/proc/self/status', join(dir, '.env'))
    const act = () => readConfig({ dir, env: {} })
    // It has lines such as "Name: node".
    throwsNodeError(t, act, 'CONFIG_PORT_MISSING', join(dir, '.env'))
  })
}

test('config - refuses a .env without the permission to read it', (t) => {
  const dir = temporaryFolder(t, { '.env': 'PORT=4001' })
  chmodSync(dir, 0o755)
  chmodSync(join(dir, '.env'), 0)
  // Root can read any file, so a test as root runs this part as the user `nobody`.
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(NOBODY)
  try {
    const act = () => readConfig({ dir, env: {} })
    throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', join(dir, '.env'), 'EACCES')
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
})

/** The user that owns nothing, on every Unix. */
const NOBODY = 65_534

test('config - takes a .env of 1 MiB and refuses one byte more', (t) => {
  const text = 'PORT=4001\n#'
  const filler = 'x'.repeat(1024 * 1024 - text.length)
  t.is(readConfig({ dir: temporaryFolder(t, { '.env': text + filler }), env: {} }).port, 4001)
  throwsNodeError(
    t,
    () => readConfig({ dir: temporaryFolder(t, { '.env': `${text}${filler}x` }), env: {} }),
    'CONFIG_FILE_TOO_LARGE',
    '1048577',
    '1048576',
  )
})

const UTF16 = Buffer.from('PORT=4001\r\n', 'utf16le')

for (const [kind, bytes] of Object.entries({
  'without a byte order mark': UTF16,
  'in big-endian order': Buffer.from(UTF16).swap16(),
  'in big-endian order, with a byte order mark': Buffer.from('\ufeff4', 'utf16le').swap16(),
})) {
  test(`config - names a file in UTF-16 ${kind}`, (t) => {
    for (const name of ['.env', 'known-peers.json']) {
      const dir = temporaryFolder(t, { [name]: bytes })
      const act = () => readConfig({ dir, env: { PORT: '4001' } })
      const facts = [join(dir, name), 'is UTF-16 without', 'save it as UTF-8']
      throwsNodeError(t, act, 'CONFIG_FILE_UNREADABLE', ...facts)
    }
  })
}

test('config - refuses a folder that does not exist, or is a file', (t) => {
  const dir = temporaryFolder(t, { file: '' })
  const missing = join(dir, 'node-9')
  const file = join(dir, 'file')
  throwsNodeError(t, () => readConfig({ dir: missing, env: {} }), 'CONFIG_DIR_INVALID', missing)
  throwsNodeError(t, () => readConfig({ dir: file, env: {} }), 'CONFIG_DIR_INVALID', file)
  const inFile = join(file, 'node-1')
  throwsNodeError(t, () => readConfig({ dir: inFile, env: {} }), 'CONFIG_DIR_INVALID', inFile)
  throwsNodeError(t, () => readConfig({ dir: 'a\0b', env: {} }), 'CONFIG_DIR_INVALID', 'a\\x00b')
})

test('config - keeps the message on one line when the folder has a line feed in its name', (t) => {
  const dir = join(temporaryFolder(t), 'a\nb')
  mkdirSync(dir)
  writeFileSync(join(dir, '.env'), 'PORT=x')
  throwsNodeError(t, () => readConfig({ dir, env: {} }), 'CONFIG_PORT_INVALID', 'a\\nb')
})
