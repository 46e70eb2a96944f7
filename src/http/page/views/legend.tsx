/** What the marks and lines mean that are in the picture. */

import { CROWD, type Graph, type GraphNode, type LineKind } from '../model/graph.ts'
import { STATE_WORDS } from '../model/node-marks.ts'
import { StateMark } from './parts.tsx'
import { pure } from './pure.ts'

const STATES: readonly GraphNode['state'][] = [
  'own',
  'connected',
  'silent',
  'attempting',
  'backing-off',
  'gone',
]

const LINE_WORDS: Readonly<Record<LineKind, string>> = {
  own: 'connection of this node',
  mutual: 'other connection',
  half: 'reported by one end, the other reports nothing',
  missing: 'missing connection',
  absent: 'lost with a missing node',
}

const CELL_WORDS: Readonly<Record<LineKind, string>> = {
  ...LINE_WORDS,
  own: 'connected',
  mutual: 'connected',
}

interface LegendContent {
  readonly graph: Graph
  readonly picture: 'circle' | 'matrix'
  readonly focus: string | undefined
}

export const Legend = pure(({ graph, picture, focus }: LegendContent) => {
  const hasState = (state: string) => graph.nodes.some((node) => node.state === state)
  const states = picture === 'matrix' ? [] : STATES.filter(hasState)
  const lines = linesIn(graph, picture, focus)
  const isCut = picture === 'circle' && graph.nodes.length >= CROWD && focus === undefined
  return (
    <ul id="legend" aria-label="Legend">
      {states.map((state) => (
        <li key={state}>
          <StateMark state={state} />
          {STATE_WORDS[state]}
        </li>
      ))}
      {lines.map((kind) => (
        <li key={kind}>
          <svg width="22" height="12" aria-hidden="true" class={`lines ${picture}`}>
            <g class={kind}>
              <path d={picture === 'circle' ? 'M1 6H21' : 'M5 1h10v10h-10z'} stroke-width="2" />
            </g>
          </svg>
          {wordsFor(kind, picture, focus)}
        </li>
      ))}
      {isCut && <li id="cut">select a node to see its connections</li>}
    </ul>
  )
})

function wordsFor(kind: LineKind, picture: string, focus: string | undefined): string {
  if (picture === 'matrix') return CELL_WORDS[kind]
  return kind === 'own' && focus !== undefined
    ? 'connection of the highlighted node'
    : LINE_WORDS[kind]
}

function linesIn(graph: Graph, picture: string, focus: string | undefined) {
  const { counts, nodes } = graph
  const isCrowd = nodes.length >= CROWD
  const kinds: readonly LineKind[] = ['own', 'mutual', 'half', 'missing', 'absent']
  return kinds.filter((kind) => {
    if (counts[kind] === 0) return false
    if (picture === 'matrix') return kind !== 'mutual' || counts.own === 0
    if (kind === 'own' && focus !== undefined) return hasConnections(graph, focus)
    return !isCrowd || kind === 'missing' || kind === 'own' || (kind === 'absent' && focus)
  })
}

/** Whether one of its lines is a connection: one that is away has none. */
function hasConnections(graph: Graph, address: string): boolean {
  const index = graph.indexOf(address) ?? -1
  return graph.nodes.some((_, other) => {
    const line = graph.between(index, other)
    return line === 'own' || line === 'mutual' || line === 'half'
  })
}
