import test from 'ava'
import { programName, versionText } from '../../src/cli/program.ts'

const FACTS = { version: '0.1.0', runtime: 'Deno 2.9.6', platform: 'linux-x64' }

test('version - shows version, runtime and the digest of the code, a line each', (t) => {
  const code = 'ab'.repeat(32)
  t.is(
    versionText({ ...FACTS, code }),
    `fullmesh 0.1.0\nruntime  Deno 2.9.6, linux-x64\ncode     ${code}`,
  )
})

test('version - shows no digest when the code did not come from a file', (t) => {
  t.regex(versionText({ ...FACTS, code: '' }), /\ncode {5}unknown: .*file$/)
})

const NAMES = [
  ['node index.js', ['/usr/bin/node', '/x/node-1/index.js'], '/usr/bin/node', {}],
  ['bun index.js', ['/x/bun', '/x/index.js'], '/x/bun', { bun: '1.4.5' }],
  ['deno run … index.js', ['/x/deno', '/x/index.js'], '/x/deno', { deno: '2.9.6' }],
  ['npx fullmesh', ['npx fullmesh', '/x/fullmesh/node-1/index.js'], '/usr/bin/node', {}],
  ['fullmesh', ['fullmesh', '/x/fullmesh/node-1/index.js'], '/usr/bin/node', {}],
  ['./fullmesh-linux-x64', ['/x/fullmesh-linux-x64'], '/x/fullmesh-linux-x64', {}],
] as const

test('program - a binary is called as it was typed when it was found on PATH', (t) => {
  const named = (argv0: string) => {
    const execPath = '/usr/bin/fullmesh-linux-x64'
    const facts = { argv: [execPath], execPath, versions: {}, getBuiltinModule: () => undefined }
    return programName({ ...facts, argv0 })
  }
  t.is(named('fullmesh-linux-x64'), 'fullmesh-linux-x64')
  t.is(named('mesh'), 'mesh', 'a link on PATH')
  t.is(named('./fullmesh-linux-x64'), './fullmesh-linux-x64')
  t.is(named('bin/fullmesh-linux-x64'), './fullmesh-linux-x64')
})

for (const [name, argv, execPath, versions] of NAMES) {
  test(`program - ${execPath} with ${argv[0]} is called ${name}`, (t) => {
    t.is(programName({ argv, execPath, versions, getBuiltinModule: () => undefined }), name)
  })
}
