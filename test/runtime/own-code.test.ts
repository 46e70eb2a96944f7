import { join } from 'node:path'
import test from 'ava'
import { CODE_ASSET, readOwnCode } from '../../src/runtime/own-code.ts'
import type { Invocation } from '../../src/runtime/program-path.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const SCRIPT = 'the script, ünï'
const EXECUTABLE = 'an executable with the script in it'

/** The answer of node:sea outside of a binary. */
const NO_BINARY = { isSea: () => false, getRawAsset: () => '' }

/** A Node that has our script in it. */
const BINARY = {
  isSea: () => true,
  getRawAsset: (key: string) => {
    const { buffer, byteOffset, byteLength } = Buffer.from(key === CODE_ASSET ? SCRIPT : '')
    return buffer.slice(byteOffset, byteOffset + byteLength)
  },
}

function textOf(process: Invocation): string | undefined {
  const pieces: Buffer[] = []
  const isRead = readOwnCode(process, (piece) => pieces.push(Buffer.from(piece)))
  return isRead ? Buffer.concat(pieces).toString() : undefined
}

test('own code - is the file of the script', (t) => {
  const folder = temporaryFolder(t, { 'index.js': SCRIPT })
  const execPath = '/usr/bin/node'
  const argv = [execPath, join(folder, 'index.js')]
  for (const sea of [NO_BINARY, undefined]) {
    t.is(textOf({ argv, execPath, getBuiltinModule: () => sea }), SCRIPT)
  }
})

test('own code - is the file of the script where getBuiltinModule throws', (t) => {
  const folder = temporaryFolder(t, { 'index.js': SCRIPT })
  const execPath = '/usr/bin/bun'
  const getBuiltinModule = () => {
    throw new Error('no such module')
  }
  const argv = [execPath, join(folder, 'index.js')]
  t.is(textOf({ argv, execPath, getBuiltinModule }), SCRIPT)
})

test('own code - is the whole file, whatever its length', (t) => {
  const execPath = '/usr/bin/node'
  for (const length of [0, 1, 65_536, 65_537, 200_000]) {
    const script = 'fullmesh'.repeat(length / 8 + 1).slice(0, length)
    const argv = [execPath, join(temporaryFolder(t, { 'index.js': script }), 'index.js')]
    t.is(textOf({ argv, execPath, getBuiltinModule: () => NO_BINARY }), script)
  }
})

test('own code - is in a binary the script, not the binary', (t) => {
  const folder = temporaryFolder(t, { fullmesh: EXECUTABLE, node: EXECUTABLE })
  for (const name of ['fullmesh', 'node']) {
    const execPath = join(folder, name)
    const argv = [execPath, execPath]
    t.is(textOf({ argv, execPath, getBuiltinModule: () => BINARY }), SCRIPT)
  }
})

test('own code - is unknown, and no error, where there is nothing to read', (t) => {
  const execPath = '/usr/bin/node'
  const missing = join(temporaryFolder(t), 'index.js')
  for (const argv of [[execPath], [execPath, '-'], [execPath, missing]]) {
    t.is(textOf({ argv, execPath, getBuiltinModule: () => NO_BINARY }), undefined)
  }
  const getRawAsset = () => {
    throw new Error('no such asset')
  }
  const getBuiltinModule = () => ({ isSea: () => true, getRawAsset })
  t.is(textOf({ argv: [execPath], execPath, getBuiltinModule }), undefined)
})
