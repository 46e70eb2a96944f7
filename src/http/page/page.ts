/**
 * The page of a node: takes a status from the feed, and shows it in words, as a drawing, as facts
 * of a node, as a table and as a log. Nothing here knows the network but feed.ts.
 */

import type { Status } from '../status.ts'
import { Drawing } from './drawing.ts'
import { byId, setText } from './elements.ts'
import { factsOf, type Sources } from './facts.ts'
import { Feed } from './feed.ts'
import { Graph } from './graph.ts'
import { Headline } from './headline.ts'
import { fillLegend } from './legend.ts'
import { LogList } from './log-list.ts'
import { shortNames } from './names.ts'
import { Panel } from './panel.ts'
import { Table } from './table.ts'
import { counted } from './words.ts'

/** How often seconds are counted. Twice, so that none is skipped. */
const TICK_MS = 500

/** What is shown: the last status, and what follows from it. */
interface Scene {
  readonly status: Status
  readonly graph: Graph
  readonly names: readonly string[]
  /** When it came, by performance.now(): the node's clock may be another. */
  readonly cameMs: number
}

class Page {
  readonly #headline = new Headline()
  readonly #panel = new Panel(byId('panel'))
  readonly #log = new LogList(byId('log'), byId('spoken'))
  readonly #drawing = new Drawing(byId('drawing'), {
    onPoint: (address) => this.#look({ pointed: address }),
    onPick: (address) => this.#look({ picked: address }),
  })
  readonly #table: Table
  #scene: Scene | undefined
  /** What is shown is no longer so, and the headline says why. */
  #isStale = false
  /** The node under the pointer, and the one that was chosen. */
  #pointed: string | undefined
  #picked: string | undefined

  constructor() {
    const details = byId('table')
    if (!(details instanceof HTMLDetailsElement)) throw new Error('the table cannot be opened')
    this.#table = new Table(details, () => this.#showTable())
    fillLegend(byId('legend'))
    setInterval(() => this.#tick(), TICK_MS)
    new Feed({
      onStatus: (status) => this.#show(status),
      onSilence: () => {
        this.#isStale = true
        this.#headline.showSilence()
      },
      onStranger: () => {
        this.#isStale = true
        this.#headline.showStranger()
      },
    })
  }

  #show(status: Status): void {
    const graph = new Graph(status)
    const names = shortNames(graph.nodes.map(({ address }) => address))
    this.#scene = { status, graph, names, cameMs: performance.now() }
    this.#isStale = false
    byId('cut').hidden = !graph.isCut
    this.#showWords()
    this.#log.show(status, Date.now())
    this.#draw()
    this.#showPanel()
    this.#showTable()
  }

  #tick(): void {
    if (this.#scene === undefined || this.#isStale) return
    this.#showWords()
    this.#drawing.tick()
    this.#showPanel()
    this.#showTable()
  }

  #look(eyes: { readonly pointed: string | undefined } | { readonly picked: string | undefined }) {
    const before = this.#pointed ?? this.#picked
    if ('pointed' in eyes) this.#pointed = eyes.pointed
    else this.#picked = eyes.picked
    if (before === (this.#pointed ?? this.#picked)) return
    this.#draw()
    this.#showPanel()
  }

  #showWords(): void {
    const scene = this.#scene
    if (scene !== undefined) this.#headline.show({ ...scene, ...this.#sources(scene) })
  }

  #draw(): void {
    const scene = this.#scene
    if (scene === undefined) return
    const { retryInMs } = this.#sources(scene)
    this.#drawing.show({
      ...scene,
      picked: this.#pointed ?? this.#picked,
      retryInMs: ({ address }) => retryInMs(address),
    })
  }

  /** Of the node that is looked at, or else of the page's own. */
  #showPanel(): void {
    const scene = this.#scene
    if (scene === undefined) return
    const { graph, names, status } = scene
    const index = graph.indexOf(this.#pointed ?? this.#picked) ?? graph.indexOf(status.node.address)
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

  #sources({ status, graph, names, cameMs }: Scene): Sources {
    return {
      own: status.node,
      graph,
      nameOf: (address) => names[graph.indexOf(address) ?? -1] ?? address,
      retryInMs: (address) => {
        const { state, peer } = graph.nodes[graph.indexOf(address) ?? -1] ?? {}
        if (state !== 'backing-off' || typeof peer?.retryInMs !== 'number') return undefined
        return Math.max(peer.retryInMs - (performance.now() - cameMs), 0)
      },
      nowMs: Date.now(),
    }
  }
}

new Page()
