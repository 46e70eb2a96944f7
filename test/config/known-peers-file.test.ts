/** Changes of known-peers.json that keep its layout. */

import fs, {
  chmodSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { changeFile, textWith, textWithout } from '../../src/config/known-peers-file.ts'
import { createFile } from '../../src/config/new-file.ts'
import { BOOK_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

function fileWith(t: ExecutionContext, text: string | undefined): string {
  const files = text === undefined ? {} : { 'known-peers.json': text }
  return join(temporaryFolder(t, files), 'known-peers.json')
}

const ADDED: readonly (readonly [before: string | undefined, after: string])[] = [
  [undefined, '["ws://c:3"]\n'],
  ['[]', '["ws://c:3"]'],
  ['["ws://a:1"]\n', '["ws://a:1", "ws://c:3"]\n'],
  ['["ws://a:1","ws://b:2"]', '["ws://a:1","ws://b:2","ws://c:3"]'],
  ['[\n  "ws://a:1",\n  "ws://b:2"\n]\n', '[\n  "ws://a:1",\n  "ws://b:2",\n  "ws://c:3"\n]\n'],
  ['\ufeff[\r\n\t"ws://a:1"\r\n]\r\n', '[\r\n\t"ws://a:1",\r\n\t"ws://c:3"\r\n]\r\n'],
]

for (const [before, after] of ADDED) {
  test(`known-peers file - with an address added: ${JSON.stringify(before)}`, (t) => {
    t.is(textWith(fileWith(t, before), 'ws://c:3'), after)
  })
}

const REMOVED: readonly (readonly [before: string, after: string])[] = [
  ['["ws://c:3"]\n', '[]\n'],
  ['[\n  "ws://c:3"\n]\n', '[]\n'],
  ['["ws://c:3", "ws://b:2"]', '["ws://b:2"]'],
  ['["ws://a:1", "WS://C:3/", "ws://c:3", "ws://b:2"]', '["ws://a:1", "ws://b:2"]'],
  ['[\n  "ws://a:1",\n  "ws://c:3"\n]\n', '[\n  "ws://a:1"\n]\n'],
]

for (const [before, after] of REMOVED) {
  test(`known-peers file - with an address removed: ${JSON.stringify(before)}`, (t) => {
    t.is(textWithout(fileWith(t, before), new Set(['ws://c:3'])), after)
  })
}

test('known-peers file - without the address there is nothing to remove', (t) => {
  t.is(textWithout(fileWith(t, '["ws://a:1"]'), new Set(['ws://c:3'])), undefined)
  t.is(textWithout(fileWith(t, undefined), new Set(['ws://c:3'])), undefined)
})

test('known-peers file - one entry too many is refused', (t) => {
  const list = Array.from({ length: BOOK_ADDRESSES_MAX - 1 }, (_none, n) => `ws://a:${n + 1}`)
  t.truthy(textWith(fileWith(t, JSON.stringify(list)), 'ws://c:3'))
  const full = fileWith(t, JSON.stringify([...list, 'ws://b:2']))
  throwsNodeError(t, () => textWith(full, 'ws://c:3'), 'CONFIG_KNOWN_PEERS_INVALID', full, '4097')
})

test('known-peers file - is changed through a link, keeps its mode, and leaves nothing else', (t) => {
  const file = fileWith(t, '[]')
  chmodSync(file, 0o600)
  const other = temporaryFolder(t, {})
  const link = join(other, 'known-peers.json')
  symlinkSync(file, link)
  t.true(changeFile(link, () => '["ws://c:3"]'))
  t.true(lstatSync(link).isSymbolicLink())
  t.is(readFileSync(file, 'utf8'), '["ws://c:3"]')
  t.is(statSync(file).mode & 0o777, 0o600)
  t.deepEqual(readdirSync(other), ['known-peers.json'])
  t.deepEqual(readdirSync(join(file, '..')), ['known-peers.json'])
  // The umask would take away a right.
  chmodSync(file, 0o666)
  changeFile(file, () => '[]')
  t.is(statSync(file).mode & 0o777, 0o666)
})

test('known-peers file - a folder that is gone is one line', (t) => {
  const file = join(temporaryFolder(t, {}), 'none', 'known-peers.json')
  throwsNodeError(t, () => changeFile(file, () => '[]'), 'KNOWN_PEERS_NOT_WRITTEN', file, 'ENOENT')
})

test('known-peers file - what a command left that died does not block, and no change leaves nothing', (t) => {
  const file = fileWith(t, '[]')
  writeFileSync(`${file}.new`, '')
  const longAgo = new Date(Date.now() - 60_000)
  utimesSync(`${file}.new`, longAgo, longAgo)
  t.true(changeFile(file, () => '["ws://c:3"]'))
  t.false(changeFile(file, () => undefined))
  t.throws(() =>
    changeFile(file, () => {
      throw new Error('wrong')
    }),
  )
  t.is(readFileSync(file, 'utf8'), '["ws://c:3"]')
  t.deepEqual(readdirSync(join(file, '..')), ['known-peers.json'])
})

/** Does something with other functions of `node:fs`, for all modules. */
function withFunctions(functions: Partial<typeof fs>, act: () => void): void {
  const before = Object.entries(fs).filter(([name]) => name in functions)
  const set = (values: Partial<typeof fs>): void => {
    Object.assign(fs, values)
    syncBuiltinESMExports()
  }
  set(functions)
  try {
    act()
  } finally {
    set(Object.fromEntries(before))
  }
}

test('known-peers file - the lock of the next command stays', (t) => {
  const file = fileWith(t, '[]')
  const { renameSync } = fs
  const next: typeof renameSync = (from, to) => {
    renameSync(from, to)
    writeFileSync(from, '')
  }
  withFunctions({ renameSync: next }, () => changeFile(file, () => '["ws://c:3"]'))
  t.is(readFileSync(file, 'utf8'), '["ws://c:3"]')
  t.true(existsSync(`${file}.new`))
})

test('new file - one of another program stays when there are no descriptors', (t) => {
  const file = fileWith(t, '[]')
  const fail = (): never => {
    throw Object.assign(new Error('EMFILE'), { code: 'EMFILE' })
  }
  withFunctions({ openSync: fail, writeFileSync: fail }, () => {
    t.throws(() => createFile(file, ''), { code: 'EMFILE' })
  })
  t.true(existsSync(file))
})
