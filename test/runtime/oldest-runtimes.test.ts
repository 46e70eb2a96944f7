import test from 'ava'
import { runtimeProblem } from '../../src/runtime/oldest-runtimes.ts'
import type { RuntimeFacts } from '../../src/runtime/runtime-name.ts'

const TAKEN: readonly RuntimeFacts['versions'][] = [
  { node: '20.19.0' },
  { node: '22.0.0' },
  { node: '100.1.2-nightly' },
  { node: '24.2.0', deno: '2.8.0' },
  { node: '24.2.0', deno: '2.10.1' },
  { node: '24.2.0', deno: '3.0.0-rc.1' },
  // Of the Node.js that it is compatible with it says too little.
  { node: '18.15.0', bun: '1.0.0' },
]

for (const versions of TAKEN) {
  test(`oldest runtimes - ${JSON.stringify(versions)} is no problem`, (t) => {
    t.is(runtimeProblem(versions), undefined)
  })
}

const REFUSED: readonly (readonly [RuntimeFacts['versions'], string])[] = [
  [{ node: '20.18.3' }, 'Node.js 20.19 or later; this is Node.js 20.18.3'],
  [{ node: '18.19.1' }, 'Node.js 20.19 or later; this is Node.js 18.19.1'],
  [{ node: '24.2.0', deno: '2.7.14' }, 'Deno 2.8 or later; this is Deno 2.7.14'],
  [{ node: '20.19.0', deno: '1.46.3' }, 'Deno 2.8 or later; this is Deno 1.46.3'],
  [{}, 'Node.js 20.19 or later; this is Node.js of unknown version'],
]

for (const [versions, needed] of REFUSED) {
  test(`oldest runtimes - ${JSON.stringify(versions)} is too old`, (t) => {
    t.is(runtimeProblem(versions), `fullmesh needs ${needed}`)
  })
}
