/** The mesh as a circle of nodes and the lines between them. */

import { html, setAttributes, setText, svg } from './elements.ts'
import type { Graph, GraphNode } from './graph.ts'
import { type Layout, layOut } from './layout.ts'
import { LinePaths } from './line-paths.ts'
import { markPath, STATE_WORDS } from './node-marks.ts'
import { shorten, toldName } from './short-names.ts'
import { countdown } from './text-formats.ts'

/** With an address, or undefined for none. */
export interface DrawingEvents {
  /** The pointer is over this node. */
  readonly onHover: (address: string | undefined) => void
  /** This node was selected. */
  readonly onSelect: (address: string | undefined) => void
}

/** What is drawn. */
export interface DrawingContent {
  readonly graph: Graph
  readonly names: readonly string[]
  /** How long until the next attempt at a node. */
  readonly retryInMs: (node: GraphNode) => number | undefined
  /** The hovered or selected node. */
  readonly selected: string | undefined
}

/** The elements of one node. */
interface Figure {
  readonly group: SVGGElement
  /** Apart from the group, whose label for screen readers has more. */
  readonly texts: SVGGElement
  readonly mark: SVGPathElement
  readonly name: SVGTextElement
  readonly note: SVGTextElement
  readonly seconds: SVGTextElement
}

/** How far beside a node a pointer selects it, in px: wide enough for fingers. */
const REACH = 24

/** Smaller marks have no room for a number. */
const MARK_RADIUS_WITH_NUMBER = 11

/** Which names stay when there is little room: the higher first. */
const WEIGHTS: Readonly<Record<GraphNode['state'], number>> = {
  own: 3,
  'backing-off': 2,
  attempting: 2,
  gone: 1,
  connected: 0,
}

export class Drawing {
  readonly #lines = new LinePaths()
  readonly #list = svg('g', { role: 'listbox', 'aria-label': 'Nodes; move with the arrow keys' })
  readonly #texts = svg('g', { 'aria-hidden': 'true' })
  readonly #nodes = svg('svg', { class: 'nodes' }, this.#list, this.#texts)
  readonly #figures = new Map<string, Figure>()
  readonly #events: DrawingEvents
  #content: DrawingContent | undefined
  #layout: Layout | undefined
  #size = 0

  constructor(container: HTMLElement, events: DrawingEvents) {
    this.#events = events
    const box = html('div', { class: 'circle' }, this.#lines.element, this.#nodes)
    container.prepend(box)
    new ResizeObserver(() => {
      this.#size = box.clientWidth
      if (this.#content !== undefined) this.show(this.#content)
    }).observe(box)
    this.#nodes.addEventListener('pointermove', (event) => {
      if (event.pointerType !== 'touch') this.#hover(this.#nearest(event))
    })
    this.#nodes.addEventListener('pointerleave', () => this.#hover(undefined))
    this.#nodes.addEventListener('click', (event) => this.#select(this.#nearest(event)))
    this.#list.addEventListener('focusin', ({ target }) => this.#select(addressOf(target)))
    this.#list.addEventListener('keydown', (event) => this.#handleKey(event))
  }

  /** Draws; moves the elements that exist. */
  show(content: DrawingContent): void {
    this.#content = content
    if (this.#size === 0) return
    const { graph, names, selected } = content
    const selectedIndex = graph.indexOf(selected)
    const layout = layOut(
      graph.nodes.map(({ state }, index) => ({
        name: names[index] ?? '',
        weight: index === selectedIndex ? 4 : WEIGHTS[state],
      })),
      this.#size,
    )
    this.#layout = layout
    this.#nodes.classList.toggle('upright', layout.isUpright)
    setAttributes(this.#nodes, { 'font-size': layout.fontSize })
    this.#lines.show(graph.lines, linesOf(graph, selectedIndex), layout.places)
    this.#removeFigures(graph)
    // Tab reaches one node: the selected one, or else the first.
    const tabIndex = selectedIndex ?? 0
    for (const [index, node] of graph.nodes.entries()) {
      const figure = this.#figureOf(node)
      const isSelected = index === selectedIndex
      const look = `${node.state}${isSelected ? ' selected' : ''}`
      setAttributes(figure.texts, { class: `texts ${look}` })
      setAttributes(figure.group, {
        class: `node ${look}`,
        tabindex: index === tabIndex ? 0 : -1,
        'aria-selected': `${isSelected}`,
        'aria-label': labelOf(node),
      })
      this.#place(figure, node, index, layout)
    }
    this.tick()
  }

  /** Updates the seconds. */
  tick(): void {
    const { graph, retryInMs } = this.#content ?? {}
    if (graph === undefined || retryInMs === undefined || this.#layout === undefined) return
    const { isUpright, markRadius } = this.#layout
    for (const node of graph.nodes) {
      const figure = this.#figures.get(node.address)
      if (figure === undefined) continue
      const restMs = retryInMs(node)
      const rest = restMs === undefined ? undefined : countdown(restMs)
      setText(figure.note, isUpright ? uprightNote(node, rest) : '')
      const hasRoom = isUpright && markRadius >= MARK_RADIUS_WITH_NUMBER
      setText(figure.seconds, hasRoom && rest?.endsWith(' s') ? rest.replace(' s', '') : '')
      if (!isUpright && rest !== undefined) {
        setText(figure.name, `${this.#nameOf(node)} ${rest.replace(' ', '')}`)
      }
    }
  }

  #nameOf(node: GraphNode): string {
    const index = this.#content?.graph.indexOf(node.address) ?? 0
    return shorten(this.#content?.names[index] ?? '', this.#layout?.nameCharactersMax ?? 0)
  }

  #place(figure: Figure, node: GraphNode, index: number, layout: Layout): void {
    const place = layout.places[index]
    if (place === undefined) return
    const { x, y, label } = place
    setAttributes(figure.mark, {
      transform: `translate(${x} ${y})`,
      d: markPath(node.state, layout.markRadius),
    })
    setAttributes(figure.seconds, { x, y })
    const at = `translate(${label.x} ${label.y}) rotate(${label.turn})`
    const isShown = label.isShown ? 'visible' : 'hidden'
    setAttributes(figure.name, { transform: at, 'text-anchor': label.anchor, visibility: isShown })
    setAttributes(figure.note, { transform: at, 'text-anchor': label.anchor })
    setText(figure.name, this.#nameOf(node))
  }

  #figureOf({ address }: GraphNode): Figure {
    const known = this.#figures.get(address)
    if (known !== undefined) return known
    const mark = svg('path', { class: 'mark' })
    const name = svg('text', { class: 'name', dy: '0.35em' })
    const note = svg('text', { class: 'note', dy: '1.65em' })
    const seconds = svg('text', { class: 'seconds', dy: '0.35em', 'text-anchor': 'middle' })
    const group = svg('g', { role: 'option' }, mark)
    const texts = svg('g', {}, name, note, seconds)
    for (const element of [group, texts]) element.dataset['address'] = address
    this.#list.append(group)
    this.#texts.append(texts)
    const figure = { group, texts, mark, name, note, seconds }
    this.#figures.set(address, figure)
    return figure
  }

  #removeFigures(graph: Graph): void {
    for (const [address, { group, texts }] of this.#figures) {
      if (graph.indexOf(address) !== undefined) continue
      group.remove()
      texts.remove()
      this.#figures.delete(address)
    }
  }

  /** The node at this place: by the angle, from a little inside of the circle outwards. */
  #nearest({ clientX, clientY }: MouseEvent): string | undefined {
    const { graph } = this.#content ?? {}
    if (graph === undefined || this.#layout === undefined) return undefined
    const box = this.#nodes.getBoundingClientRect()
    const { center, radius } = this.#layout
    const [x, y] = [clientX - box.left - center.x, clientY - box.top - center.y]
    const distance = Math.hypot(x, y)
    const count = graph.nodes.length
    const turns = (Math.atan2(y, x) / (2 * Math.PI) + 1.25) % 1
    const index = Math.round(turns * count) % count
    const place = this.#layout.places[index]
    if (place === undefined || distance < radius - REACH) return undefined
    const inside = Math.hypot(x + center.x - place.x, y + center.y - place.y)
    const isBesideName = distance > radius && arc(turns, index, count) * distance < REACH
    return inside < REACH || isBesideName ? graph.nodes[index]?.address : undefined
  }

  #handleKey(event: KeyboardEvent): void {
    const nodes = this.#content?.graph.nodes ?? []
    const from = this.#content?.graph.indexOf(addressOf(event.target)) ?? 0
    const to = targetOf(event.key, from, nodes.length)
    if (event.key === 'Escape') this.#select(undefined)
    else if (to === undefined) return
    else this.#focus(nodes[to]?.address)
    event.preventDefault()
  }

  #focus(address: string | undefined): void {
    if (address !== undefined) this.#figures.get(address)?.group.focus()
  }

  #hover(address: string | undefined): void {
    this.#nodes.classList.toggle('hovering', address !== undefined)
    this.#events.onHover(address)
  }

  #select(address: string | undefined): void {
    this.#events.onSelect(address)
  }
}

function labelOf({ address, data, state }: GraphNode): string {
  return [address, toldName(data), STATE_WORDS[state]].filter(Boolean).join(', ')
}

/** The connections of one node. */
function linesOf(graph: Graph, index: number | undefined): readonly number[] {
  if (index === undefined) return []
  return graph.nodes.flatMap((_, other) => {
    const kind = graph.between(index, other)
    return kind === 'own' || kind === 'mutual' || kind === 'half' ? [index, other] : []
  })
}

function uprightNote({ state }: GraphNode, rest: string | undefined): string {
  if (state === 'connected') return ''
  return rest === undefined ? STATE_WORDS[state] : `in ${rest}`
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

/** The angle between a direction and a node, in radians. */
function arc(turns: number, index: number, count: number): number {
  const difference = Math.abs(turns - index / count)
  return Math.min(difference, 1 - difference) * 2 * Math.PI
}

function addressOf(target: EventTarget | null): string | undefined {
  return target instanceof SVGElement ? target.dataset['address'] : undefined
}
