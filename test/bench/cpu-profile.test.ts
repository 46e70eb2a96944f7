/** Whose time the samples of a CPU profile are. */

import test from 'ava'
import { type CpuProfile, modulesOf, type Part, samplesByPart } from '../../bench/cpu-profile.ts'

const BUNDLE = ['// node_modules/ws/lib/websocket.js', 'ws()', '// src/mesh/mesh.ts', 'mesh()']
const [WS, MESH] = [1, 3]

/** A call tree as nested lists: a frame, and its calls. Each frame is sampled once. */
type Call = readonly [functionName: string, url: string, line: number, ...calls: Call[]]

function profileOf(...calls: readonly Call[]): CpuProfile {
  const nodes: CpuProfile['nodes'][number][] = []
  const add = ([functionName, url, lineNumber, ...callees]: Call): number => {
    const id = nodes.length + 1
    const node = { id, callFrame: { functionName, url, lineNumber }, children: [] as number[] }
    nodes.push(node)
    node.children.push(...callees.map(add))
    return id
  }
  add(['(root)', '', -1, ...calls])
  return { nodes, samples: nodes.map(({ id }) => id) }
}

function parts(...calls: readonly Call[]): Readonly<Partial<Record<Part, number>>> {
  return Object.fromEntries(samplesByPart(profileOf(...calls), modulesOf(BUNDLE.join('\n'))))
}

test('cpu profile - a line of a bundle is of the module whose name is above it', (t) => {
  t.deepEqual(modulesOf(BUNDLE.join('\n')), [
    'node_modules/ws/lib/websocket.js',
    'node_modules/ws/lib/websocket.js',
    'src/mesh/mesh.ts',
    'src/mesh/mesh.ts',
  ])
})

test('cpu profile - calls into Node are counted for their caller', (t) => {
  t.deepEqual(parts(['send', 'file:///b.js', WS, ['write', 'node:net', 0]]), {
    'ws, and its calls into Node': 2,
  })
  t.deepEqual(
    parts(['read', 'node:net', 0, ['on', 'file:///b.js', WS, ['receive', 'file:///b.js', MESH]]]),
    {
      'Node itself: sockets, HTTP, streams': 1,
      'ws, and its calls into Node': 1,
      'core: mesh and wire': 1,
    },
  )
})

test('cpu profile - all of the first run is counted for the bundle', (t) => {
  const first: Call = ['', 'file:///b.js', MESH, ['load', 'node:net', 0]]
  const entry: Call = ['executeUserEntryPoint', 'node:internal/modules/run_main', 0, first]
  t.deepEqual(parts(['', 'node:internal/main/run_main_module', 0, entry]), {
    'start of Node': 1,
    'the bundle: read, parsed, run once': 3,
  })
})

test('cpu profile - idle time is not counted, and garbage collection is separate', (t) => {
  t.deepEqual(parts(['(idle)', '', -1], ['(garbage collector)', '', -1]), {
    'garbage collection': 1,
  })
})
