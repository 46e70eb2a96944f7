/** The figures of docs/SCALE.md are those of bench/README.md, or follow from N. */

import test from 'ava'
import { ACCEPTED_LINKS_MAX } from '../../src/mesh/limits.ts'
import { read, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/SCALE.md'
const BENCH = 'bench/README.md'
const NODES = [10, 100, 1_000]

/** The cells behind the first ones of a row in a section of the bench; none when it has no such. */
function measured(heading: string, ...first: readonly string[]): readonly string[] {
  const rows = rowsIn(section(BENCH, heading))
  const found = rows.find((row) => first.every((cell, index) => row[index] === cell))
  return found?.slice(first.length) ?? []
}

function count(value: number): string {
  return value.toLocaleString('en')
}

test('scale - the table has the figures of the bench', (t) => {
  const [bytesPerLink = ''] = measured('Memory for each link', 'fullmesh')
  const linkBytes = Number(bytesPerLink.replaceAll(',', ''))
  const expected = NODES.map((nodes) => {
    const [dials, , bytes] = measured('Growth', count(nodes))
    const [cpu, , , , , , memory] = measured('Formation', count(nodes), 'fullmesh')
    return [
      count((nodes * (nodes - 1)) / 2),
      count(nodes - 1),
      dials,
      bytes,
      `${(((nodes - 1) * linkBytes) / 1e6).toFixed(1)} MB`,
      cpu === undefined ? 'not measured' : `${cpu} s`,
      memory === undefined ? 'not measured' : `${memory} MiB`,
    ]
  })
  const rows = rowsIn(section(PAGE, 'What it costs'))
  t.deepEqual(
    NODES.map((_, column) => rows.map((row) => row[column + 1])),
    expected,
  )
  t.true(read(PAGE).includes(`at ${bytesPerLink} bytes a link`), bytesPerLink)
})

test('scale - the figures in sentences are those of the bench, and of the limits', (t) => {
  const text = read(PAGE).replaceAll(/\s+/g, ' ')
  const [core, bytes] = measured('At rest, for each node', 'fullmesh, 50 nodes')
  const secondsOf = (nodes: string) => measured('Formation', nodes, 'fullmesh')[1]
  for (const words of [
    `50 nodes take ${core} % of a core and ${bytes} bytes a minute each`,
    `100 nodes took ${secondsOf('100')} s to be complete and 200 took ${secondsOf('200')} s`,
    `A node accepts ${count(ACCEPTED_LINKS_MAX)} links`,
  ]) {
    t.true(text.includes(words), `${words}: change ${PAGE}`)
  }
})
