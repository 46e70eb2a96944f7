/**
 * The page of a node: shows each status as headline, drawing, facts of a node, table and log. Only
 * status-source.ts uses the network.
 */

import type { Status } from '../status.ts'
import { Drawing } from './drawing.ts'
import { byId, setText } from './elements.ts'
import { Graph } from './graph.ts'
import { Headline } from './headline.ts'
import { fillLegend } from './legend.ts'
import { LogList } from './log-list.ts'
import { factsOf, type Sources } from './node-facts.ts'
import { Panel } from './node-panel.ts'
import { Table } from './node-table.ts'
import { shortNames, toldName } from './short-names.ts'
import { StatusSource } from './status-source.ts'
import { counted } from './text-formats.ts'

/** Twice a second, so that no second is skipped. */
const TICK_MS = 500

/** The last status, and what follows from it. */
interface Scene {
  readonly status: Status
  readonly graph: Graph
  readonly names: readonly string[]
  /** When it arrived, by performance.now(): the node's clock may differ. */
  readonly receivedMs: number
}

class Page {
  readonly #headline = new Headline()
  readonly #panel = new Panel(byId('panel'))
  readonly #log = new LogList(byId('log'), byId('announced'))
  readonly #drawing = new Drawing(byId('drawing'), {
    onHover: (address) => this.#focus({ hovered: address }),
    onSelect: (address) => this.#focus({ selected: address }),
  })
  readonly #table: Table
  #scene: Scene | undefined
  /** The status is out of date, and the headline has the reason. */
  #isStale = false
  /** The node under the pointer, and the selected one. */
  #hovered: string | undefined
  #selected: string | undefined

  constructor() {
    const details = byId('table')
    if (!(details instanceof HTMLDetailsElement)) throw new Error('the table cannot be opened')
    this.#table = new Table(details, () => this.#showTable())
    fillLegend(byId('legend'))
    setInterval(() => this.#tick(), TICK_MS)
    new StatusSource({
      onStatus: (status) => this.#show(status),
      onUnreachable: () => {
        this.#isStale = true
        this.#headline.showUnreachable()
      },
      onMismatch: () => {
        this.#isStale = true
        this.#headline.showMismatch()
      },
    })
  }

  #show(status: Status): void {
    const graph = new Graph(status)
    const places = shortNames(graph.nodes.map(({ address }) => address))
    // Any node can tell any name, so the place stays.
    const names = graph.nodes.map(({ data }, index) => `${places[index]} ${toldName(data)}`.trim())
    this.#scene = { status, graph, names, receivedMs: performance.now() }
    this.#isStale = false
    byId('cut').hidden = !graph.isCut
    this.#showHeadline()
    this.#log.show(status, Date.now())
    this.#draw()
    this.#showPanel()
    this.#showTable()
  }

  #tick(): void {
    if (this.#scene === undefined || this.#isStale) return
    this.#showHeadline()
    this.#drawing.tick()
    this.#showPanel()
    this.#showTable()
  }

  #focus(
    change: { readonly hovered: string | undefined } | { readonly selected: string | undefined },
  ) {
    const before = this.#hovered ?? this.#selected
    if ('hovered' in change) this.#hovered = change.hovered
    else this.#selected = change.selected
    if (before === (this.#hovered ?? this.#selected)) return
    this.#draw()
    this.#showPanel()
  }

  #showHeadline(): void {
    const scene = this.#scene
    if (scene !== undefined) this.#headline.show({ ...scene, ...this.#sources(scene) })
  }

  #draw(): void {
    const scene = this.#scene
    if (scene === undefined) return
    const { retryInMs } = this.#sources(scene)
    this.#drawing.show({
      ...scene,
      selected: this.#hovered ?? this.#selected,
      retryInMs: ({ address }) => retryInMs(address),
    })
  }

  /** Of the hovered or selected node, or else of this node. */
  #showPanel(): void {
    const scene = this.#scene
    if (scene === undefined) return
    const { graph, names, status } = scene
    const index =
      graph.indexOf(this.#hovered ?? this.#selected) ?? graph.indexOf(status.node.address)
    if (index === undefined) return
    const isOwn = graph.nodes[index]?.state === 'own'
    const heading = isOwn ? `${names[index]}, this node` : (names[index] ?? '')
    this.#panel.show(heading, factsOf(index, this.#sources(scene)))
  }

  #showTable(): void {
    const scene = this.#scene
    if (scene === undefined) return
    setText(byId('table-title'), `Table of ${counted(scene.graph.nodes.length, 'node')}`)
    if (!this.#table.isOpen) return
    const sources = this.#sources(scene)
    this.#table.show(scene.graph.nodes.map((_, index) => factsOf(index, sources)))
  }

  #sources({ status, graph, names, receivedMs }: Scene): Sources {
    return {
      own: status.node,
      graph,
      nameOf: (address) => names[graph.indexOf(address) ?? -1] ?? address,
      retryInMs: (address) => {
        const { state, peer } = graph.nodes[graph.indexOf(address) ?? -1] ?? {}
        if (state !== 'backing-off' || typeof peer?.retryInMs !== 'number') return undefined
        return Math.max(peer.retryInMs - (performance.now() - receivedMs), 0)
      },
      nowMs: Date.now(),
    }
  }
}

new Page()
