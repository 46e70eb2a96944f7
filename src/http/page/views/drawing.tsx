/** The mesh as an oval of nodes and the lines between them. */

import { Component, createRef } from 'preact'
import { CROWD, type Graph, type GraphNode } from '../model/graph.ts'
import { type Layout, layOut, type Size } from '../model/layout.ts'
import { lineGroups } from '../model/line-paths.ts'
import { markPath, STATE_WORDS } from '../model/node-marks.ts'
import { shorten, toldName } from '../model/short-names.ts'
import type { Actions } from './actions.ts'
import { MeasuredBox } from './measured-box.tsx'
import { classes } from './parts.tsx'

export interface PictureContent {
  readonly graph: Graph
  readonly names: readonly string[]
  /** The node whose lines are shown: under the pointer, or selected. */
  readonly focus: string | undefined
  readonly selected: string | undefined
  readonly actions: Actions
}

/** How far from a node a pointer selects it, in px: wide enough for fingers. */
const REACH = 24

/** The least radius of a mark that is not like most others, in px. */
const SEEN = 5

/** Which names stay when there is little room: the higher first. */
const WEIGHTS: Readonly<Record<GraphNode['state'], number>> = {
  own: 3,
  'backing-off': 2,
  attempting: 2,
  silent: 2,
  gone: 1,
  connected: 0,
}

export class Drawing extends Component<PictureContent> {
  readonly #box = createRef<HTMLDivElement>()
  #layout: Layout | undefined

  override shouldComponentUpdate(next: PictureContent): boolean {
    const { graph, focus, selected } = this.props
    return next.graph !== graph || next.focus !== focus || next.selected !== selected
  }

  override render(content: PictureContent) {
    return <MeasuredBox box={this.#box} draw={(size) => this.#draw(content, size)} />
  }

  #draw({ graph, names, focus, selected }: PictureContent, size: Size) {
    const focused = graph.indexOf(focus)
    const layout = layOut(
      graph.nodes.map(({ state, address }, index) => ({
        name: names[index] ?? '',
        weight: address === focus ? 4 : WEIGHTS[state],
      })),
      size,
    )
    this.#layout = layout
    const { places, markRadius, fontSize, nameCharactersMax } = layout
    const view = { viewBox: `0 0 ${size.width} ${size.height}` }
    const lookOf = (index: number) => ({
      selected: index === focused,
      off: focused !== undefined && index !== focused && !graph.between(focused, index),
    })
    // Tab reaches one node: the selected one, or else the first.
    const tabIndex = graph.indexOf(selected) ?? 0
    return (
      <>
        <svg class="lines circle" aria-hidden="true" {...view}>
          {lineGroups(graph, focused, places).map(({ kind, width, opacity, paths }, at) => (
            <g key={`${kind} ${at}`} class={kind} stroke-width={width} opacity={opacity}>
              {paths.map((d, part) => (
                <path key={part} d={d} />
              ))}
            </g>
          ))}
        </svg>
        <svg
          class={classes('nodes', {
            focused: focused !== undefined,
            crowd: graph.nodes.length >= CROWD,
          })}
          font-size={fontSize}
          {...view}
          onPointerMove={(event) => event.pointerType !== 'touch' && this.#hover(event)}
          onPointerLeave={() => this.props.actions.hover(undefined)}
          onClick={(event) => this.props.actions.select(this.#nearest(event))}
        >
          <g role="listbox" aria-label="Nodes; move with the arrow keys">
            {graph.nodes.map(({ address, state, data }, index) => (
              <g
                key={address}
                role="option"
                class={classes(`node ${state}`, lookOf(index))}
                data-address={address}
                tabIndex={index === tabIndex ? 0 : -1}
                aria-selected={address === selected}
                aria-label={[address, toldName(data), STATE_WORDS[state]]
                  .filter(Boolean)
                  .join(', ')}
                onKeyDown={(event) => this.#handleKey(event, index)}
                onFocus={() => this.props.actions.select(address)}
              >
                <path
                  class="mark"
                  transform={`translate(${places[index]?.x} ${places[index]?.y})`}
                  d={markPath(
                    state,
                    state === 'connected' ? markRadius : Math.max(markRadius, SEEN),
                  )}
                />
              </g>
            ))}
          </g>
          <g class="texts" aria-hidden="true">
            {graph.nodes.map(({ address, state }, index) => {
              const label = places[index]?.label
              if (!label?.isShown) return null
              return (
                <text
                  key={address}
                  class={classes(`name ${state}`, lookOf(index))}
                  x={label.x}
                  y={label.y}
                  dy="0.35em"
                  text-anchor={label.anchor}
                >
                  {shorten(names[index] ?? '', nameCharactersMax)}
                </text>
              )
            })}
          </g>
        </svg>
      </>
    )
  }

  #hover(event: MouseEvent): void {
    this.props.actions.hover(this.#nearest(event))
  }

  /** The node at this place, by its mark. */
  #nearest({ clientX, clientY }: MouseEvent): string | undefined {
    const box = this.#box.current?.getBoundingClientRect()
    if (box === undefined) return undefined
    let nearest: string | undefined
    let least = REACH
    for (const [index, { x, y }] of this.#layout?.places.entries() ?? []) {
      const distance = Math.hypot(clientX - box.left - x, clientY - box.top - y)
      if (distance >= least) continue
      least = distance
      nearest = this.props.graph.nodes[index]?.address
    }
    return nearest
  }

  #handleKey(event: KeyboardEvent, from: number): void {
    const { nodes } = this.props.graph
    const to = targetOf(event.key, from, nodes.length)
    if (to === undefined) return
    event.preventDefault()
    const address = nodes[to]?.address ?? ''
    const selector = `.node[data-address="${CSS.escape(address)}"]`
    this.#box.current?.querySelector<SVGElement>(selector)?.focus()
  }
}

/** The index that a key moves to, clockwise or back, around the circle. */
function targetOf(key: string, from: number, count: number): number | undefined {
  switch (key) {
    case 'ArrowRight':
    case 'ArrowDown':
      return (from + 1) % count
    case 'ArrowLeft':
    case 'ArrowUp':
      return (from - 1 + count) % count
    case 'Home':
      return 0
    case 'End':
      return count - 1
    default:
      return undefined
  }
}
