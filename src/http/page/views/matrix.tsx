/** Who is connected to whom, as a square of cells. Only what is not connected has a path. */

import { Component, createRef } from 'preact'
import type { Graph, LineKind } from '../model/graph.ts'
import { shorten } from '../model/short-names.ts'
import type { PictureContent } from './drawing.tsx'
import { classes } from './parts.tsx'
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
  half: 'connected, as one of them reports; the other reports nothing',
  missing: 'not connected',
  absent: 'not connected, because one is missing',
  unknown: 'neither reports it',
}

/** The nodes of a row and of a column, by their addresses: indexes change with the mesh. */
type Pair = readonly [row: string, column: string]

interface Pointed {
  readonly pair: Pair | undefined
}

export class Matrix extends Component<PictureContent, Pointed> {
  override state: Pointed = { pair: undefined }
  readonly #svg = createRef<SVGSVGElement>()

  override render({ graph, names, focus }: PictureContent, { pair }: Pointed) {
    const count = graph.nodes.length
    const { offset, side } = gridOf(count)
    const focused = graph.indexOf(focus)
    return (
      <div class="matrix">
        <svg
          ref={this.#svg}
          viewBox={`0 0 ${SIDE} ${side}`}
          role="img"
          aria-label={`${count} × ${count} cells: who is connected to whom. The table has the same.`}
          onPointerMove={(event) => event.pointerType !== 'touch' && this.#point(event)}
          onPointerLeave={({ pointerType }) => pointerType !== 'touch' && this.#leave()}
          onClick={(event) => this.#select(event)}
        >
          <Cells graph={graph} />
          {offset > 0 && <Names graph={graph} names={names} focused={focused} />}
          {focused !== undefined && <Cross at={focused} count={count} />}
        </svg>
        <p class="hint">{this.#sentence(pair)}</p>
      </div>
    )
  }

  #sentence(pair: Pair | undefined): string {
    const { graph, names } = this.props
    const [row, column] = [graph.indexOf(pair?.[0]), graph.indexOf(pair?.[1])]
    if (row === undefined || column === undefined) {
      return 'Point at a cell to see which two nodes it is about.'
    }
    if (row === column) return names[row] ?? ''
    const words = CELL_WORDS[graph.between(row, column) ?? 'unknown']
    return `${names[row]} and ${names[column]}: ${words}`
  }

  /** The cell at this place; beside a name, the first one of its row. */
  #cellAt({ clientX, clientY }: MouseEvent): Pair | undefined {
    const { nodes } = this.props.graph
    const box = this.#svg.current?.getBoundingClientRect()
    if (box === undefined) return undefined
    const { offset, side, cell } = gridOf(nodes.length)
    // The browser fits the square into the box, and centers it.
    const scale = Math.min(box.width / SIDE, box.height / side)
    const x = (clientX - box.left - box.width / 2) / scale + SIDE / 2 - offset
    const y = (clientY - box.top - box.height / 2) / scale + side / 2
    const row = nodes[Math.floor(y / cell)]
    const column = nodes[Math.max(Math.floor(x / cell), 0)]
    return row && column && [row.address, column.address]
  }

  #point(event: MouseEvent): void {
    const pair = this.#cellAt(event)
    this.setState({ pair })
    this.props.actions.hover(pair?.[0])
  }

  #leave(): void {
    this.setState({ pair: undefined })
    this.props.actions.hover(undefined)
  }

  #select(event: MouseEvent): void {
    const pair = this.#cellAt(event)
    this.setState({ pair })
    if (pair !== undefined) this.props.actions.select(pair[0])
  }
}

/** The width of the names, and the sides of the square and of a cell. */
function gridOf(count: number) {
  const offset = count <= CELLS_WITH_NAMES ? NAMES_WIDTH : 0
  const side = SIDE - offset
  return { offset, side, cell: side / count }
}

/** The cells: one square for all that are connected, and above it paths of the others. */
const Cells = pure(({ graph }: { readonly graph: Graph }) => {
  const count = graph.nodes.length
  const { offset, side, cell } = gridOf(count)
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
  const grid = steps.map((at) => `M${offset} ${round(at)}H${SIDE}M${round(at + offset)} 0V${side}`)
  return (
    <g class="lines matrix">
      <rect class="all" x={offset} y={0} width={side} height={side} />
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
  const { cell } = gridOf(graph.nodes.length)
  return (
    <g class="texts" aria-hidden="true" font-size={Math.min(cell * 0.8, 24)}>
      {graph.nodes.map(({ address, state }, index) => (
        <text
          key={address}
          class={classes(`name ${state}`, { selected: index === focused })}
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
function Cross({ at, count }: { readonly at: number; readonly count: number }) {
  const { offset, side, cell } = gridOf(count)
  const [from, width] = [round(at * cell), round(cell)]
  const row = `M${offset} ${from}H${SIDE}v${width}H${offset}z`
  const column = `M${round(offset + at * cell)} 0V${side}h${width}V0z`
  return <path class="cross" d={row + column} />
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
