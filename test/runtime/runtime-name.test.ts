import test from 'ava'
import { type RuntimeFacts, runtimeName } from '../../src/runtime/runtime-name.ts'

function facts(
  versions: RuntimeFacts['versions'],
  sea?: 'binary' | 'no binary' | 'throws',
): RuntimeFacts {
  return {
    versions,
    getBuiltinModule: () => {
      if (sea === 'throws') throw new Error('no such module')
      return sea && { isSea: () => sea === 'binary', getRawAsset: () => '' }
    },
  }
}

const NAMES: readonly (readonly [name: string, facts: RuntimeFacts])[] = [
  ['Node.js 20.20.2', facts({ node: '20.20.2' }, 'no binary')],
  ['Node.js 22.23.2 binary', facts({ node: '22.23.2' }, 'binary')],
  ['Node.js 20.20.2', facts({ node: '20.20.2' })],
  ['Node.js 20.20.2', facts({ node: '20.20.2' }, 'throws')],
  ['Deno 2.9.6', facts({ node: '24.2.0', deno: '2.9.6' }, 'throws')],
  ['Bun 1.4.5', facts({ node: '24.3.0', bun: '1.4.5' })],
]

for (const [index, [name, runtime]] of NAMES.entries()) {
  test(`runtime - has the name ${name} (${index + 1})`, (t) => {
    t.is(runtimeName(runtime), name)
  })
}

test('runtime - is the one that runs this test', (t) => {
  t.is(runtimeName(process), `Node.js ${process.versions.node}`)
})
