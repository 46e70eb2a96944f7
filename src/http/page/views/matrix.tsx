/** Who is connected to whom, as a square of cells. Only what is not connected has a path. */

import { Component, createRef } from 'preact'
import type { Graph, LineKind } from '../model/graph.ts'
import { shorten } from '../model/short-names.ts'
import type { PictureContent } from './drawing.tsx'
import { pure } from './pure.ts'

/** Units of the drawing; the browser scales it. */
const SIDE = 1000

/** Smaller cells have no names beside them, and no gaps. */
const CELLS_WITH_NAMES = 40
const NAMES_WIDTH = 130
const NAME_CHARACTERS_MAX = 11

type CellKind = Exclude<LineKind, 'own' | 'mutual'> | 'unknown' | 'self'

const CELL_KINDS: readonly CellKind[] = ['unknown', 'half', 'absent', 'missing', 'self']

const CELL_WORDS: Readonly<Record<LineKind | 'unknown', string>> = {
  own: 'connected',
  mutual: 'connected',
  half: 'connected, but only one end reports it',
  missing: 'not connected',
  absent: 'not connected, because one is missing',
  unknown: 'neither reports it',
}

interface Pointed {
  readonly pair: readonly [number, number] | undefined
}

export class Matrix extends Component<PictureContent, Pointed> {
  override state: Pointed = { pair: undefined }
  readonly #svg = createRef<SVGSVGElement>()

  override render({ graph, names, focus }: PictureContent, { pair }: Pointed) {
    const count = graph.nodes.length
    const offset = count <= CELLS_WITH_NAMES ? NAMES_WIDTH : 0
    const focused = graph.indexOf(focus)
    return (
      <div class="matrix">
        <svg
          ref={this.#svg}
          viewBox={`0 0 ${SIDE} ${SIDE - offset}`}
          role="img"
          aria-label={`${count} × ${count} cells: who is connected to whom. The table has the same.`}
          onPointerMove={(event) => this.#point(event)}
          onPointerLeave={() => this.#leave()}
          onClick={() => this.#select()}
        >
          <Cells graph={graph} offset={offset} />
          {offset > 0 && <Names graph={graph} names={names} focused={focused} />}
          {focused !== undefined && <Cross at={focused} count={count} offset={offset} />}
        </svg>
        <p class="hint">{this.#sentence(pair)}</p>
      </div>
    )
  }

  #sentence(pair: Pointed['pair']): string {
    const { graph, names } = this.props
    if (pair === undefined) return 'Point at a cell to see which two nodes it is about.'
    const [row, column] = pair
    if (row === column) return names[row] ?? ''
    const words = CELL_WORDS[graph.between(row, column) ?? 'unknown']
    return `${names[row]} and ${names[column]}: ${words}`
  }

  #point({ clientX, clientY }: MouseEvent): void {
    const { graph, actions } = this.props
    const box = this.#svg.current?.getBoundingClientRect()
    if (box === undefined) return
    const count = graph.nodes.length
    const offset = count <= CELLS_WITH_NAMES ? NAMES_WIDTH : 0
    const cell = (SIDE - offset) / count
    // The browser fits the square into the box, and centers it.
    const scale = Math.min(box.width / SIDE, box.height / (SIDE - offset))
    const x = (clientX - box.left - box.width / 2) / scale + SIDE / 2 - offset
    const y = (clientY - box.top - box.height / 2) / scale + (SIDE - offset) / 2
    const row = Math.floor(y / cell)
    const column = Math.max(Math.floor(x / cell), 0)
    const isInside = row >= 0 && row < count && column < count
    this.setState({ pair: isInside ? [row, column] : undefined })
    actions.hover(isInside ? graph.nodes[row]?.address : undefined)
  }

  #leave(): void {
    this.setState({ pair: undefined })
    this.props.actions.hover(undefined)
  }

  #select(): void {
    const row = this.state.pair?.[0]
    if (row !== undefined) this.props.actions.select(this.props.graph.nodes[row]?.address)
  }
}

/** The cells: one square for all that are connected, and above it paths of the others. */
const Cells = pure(({ graph, offset }: { readonly graph: Graph; readonly offset: number }) => {
  const count = graph.nodes.length
  const cell = (SIDE - offset) / count
  const gap = offset > 0 ? Math.min(cell * 0.08, 3) : 0
  const paths: Record<CellKind, string[]> = {
    unknown: [],
    half: [],
    absent: [],
    missing: [],
    self: [],
  }
  const square = round(cell)
  for (let row = 0; row < count; row += 1) {
    for (let column = 0; column < count; column += 1) {
      const line = graph.between(row, column)
      if (line === 'own' || line === 'mutual') continue
      const kind = row === column ? 'self' : (line ?? 'unknown')
      const [x, y] = [round(offset + column * cell), round(row * cell)]
      paths[kind].push(`M${x} ${y}h${square}v${square}h-${square}z`)
    }
  }
  const steps = gap > 0 ? Array.from({ length: count + 1 }, (_, index) => index * cell) : []
  const grid = steps.map((at) => `M${offset} ${round(at)}H${SIDE}M${round(at + offset)} 0V${SIDE}`)
  return (
    <g class="lines matrix">
      <rect class="all" x={offset} y={0} width={SIDE - offset} height={SIDE - offset} />
      {CELL_KINDS.map((kind) => (
        <g key={kind} class={kind}>
          <path d={paths[kind].join('')} />
        </g>
      ))}
      <path class="grid" stroke-width={gap} d={grid.join('')} />
    </g>
  )
})

function Names({
  graph,
  names,
  focused,
}: {
  readonly graph: Graph
  readonly names: readonly string[]
  readonly focused: number | undefined
}) {
  const cell = (SIDE - NAMES_WIDTH) / graph.nodes.length
  return (
    <g class="texts" aria-hidden="true" font-size={Math.min(cell * 0.8, 24)}>
      {graph.nodes.map(({ address, state }, index) => (
        <text
          key={address}
          class={`name ${state}${index === focused ? ' selected' : ''}`}
          x={NAMES_WIDTH - 12}
          y={round((index + 0.5) * cell)}
          dy="0.35em"
          text-anchor="end"
        >
          {shorten(names[index] ?? '', NAME_CHARACTERS_MAX)}
        </text>
      ))}
    </g>
  )
}

/** Around the row and the column of a node. */
function Cross({
  at,
  count,
  offset,
}: {
  readonly at: number
  readonly count: number
  readonly offset: number
}) {
  const cell = (SIDE - offset) / count
  const [from, side] = [round(at * cell), round(cell)]
  const row = `M${offset} ${from}H${SIDE}v${side}H${offset}z`
  const column = `M${round(offset + at * cell)} 0V${SIDE}h${side}V0z`
  return <path class="cross" d={row + column} />
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
