/** All that the page shows, in one place. Each change gives a new state, and the views follow. */

import type { Status } from '../status.ts'
import { Graph } from './model/graph.ts'
import { type Health, healthOf } from './model/health.ts'
import type { Sources } from './model/node-facts.ts'
import type { Phase } from './model/pill.ts'
import { shortNames, toldName, withoutScheme } from './model/short-names.ts'
import type { TableWish } from './model/table-rows.ts'
import { NO_TRENDS, type Trends } from './model/trends.ts'
import type { Traffic } from './sources/metrics-source.ts'
import { NO_TOPICS, type TopicState } from './sources/topic-feed.ts'

/** The last status, and what follows from it. */
export interface Scene {
  readonly status: Status
  readonly graph: Graph
  /** By index of the graph. */
  readonly names: readonly string[]
  readonly health: Health
  /** When it arrived, by performance.now(): the node's clock may differ. */
  readonly receivedMs: number
}

/** `auto`: as the system has it. */
export type Theme = 'auto' | 'light' | 'dark'

export interface State extends TableWish {
  readonly phase: Phase
  /** Why the node sends no status, in its words; empty when it does not answer. */
  readonly reason: string
  readonly scene: Scene | undefined
  readonly traffic: Traffic | undefined
  readonly trends: Trends
  readonly topics: TopicState
  /** The node under the pointer, and the selected one. */
  readonly hovered: string | undefined
  readonly selected: string | undefined
  readonly picture: 'circle' | 'matrix'
  readonly pane: 'activity' | 'messages'
  readonly theme: Theme
  /** The page is as narrow as a phone. */
  readonly isNarrow: boolean
  /** What was copied last. */
  readonly copied: string | undefined
  /** Why the node did not forget the selected one; empty when it was not asked, or did. */
  readonly refusal: string
  /** By the clock of the reader. */
  readonly nowMs: number
  /** How far the clock of the node, which all its times are of, is ahead of that, in ms. */
  readonly aheadMs: number
}

export const INITIAL: State = {
  phase: 'waiting',
  reason: '',
  scene: undefined,
  traffic: undefined,
  trends: NO_TRENDS,
  topics: NO_TOPICS,
  hovered: undefined,
  selected: undefined,
  picture: 'circle',
  pane: 'activity',
  theme: 'auto',
  isNarrow: false,
  copied: undefined,
  refusal: '',
  // Problems come first.
  sortBy: 'State',
  isDescending: false,
  search: '',
  problemsOnly: false,
  nowMs: 0,
  aheadMs: 0,
}

export class Store {
  readonly #onChange: (state: State) => void
  #state: State

  constructor(state: State, onChange: (state: State) => void) {
    this.#state = state
    this.#onChange = onChange
  }

  get state(): State {
    return this.#state
  }

  set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change }
    this.#onChange(this.#state)
  }
}

export function sceneOf(status: Status, receivedMs: number): Scene {
  const graph = new Graph(status)
  const places = shortNames(graph.nodes.map(({ address }) => address))
  // Any node can tell any name, so the place stays.
  const names = graph.nodes.map(({ data }, index) => `${places[index]} ${toldName(data)}`.trim())
  const nameOf = (address: string) => nameIn({ graph, names }, address)
  return { status, graph, names, health: healthOf(status, graph, nameOf), receivedMs }
}

/** The short name of an address, also of one that is no node any more. */
export function nameIn({ graph, names }: Pick<Scene, 'graph' | 'names'>, address: string): string {
  return names[graph.indexOf(address) ?? -1] ?? withoutScheme(address)
}

/** The time now by the clock of the node. */
export function nodeNowMs({ nowMs, aheadMs }: Pick<State, 'nowMs' | 'aheadMs'>): number {
  return nowMs + aheadMs
}

/**
 * What the facts of nodes come from, now.
 *
 * @param nowMs by the clock of the node
 */
export function sourcesOf(scene: Scene, nowMs: number): Sources {
  const { status, graph, receivedMs } = scene
  const passedMs = performance.now() - receivedMs
  return {
    own: status.node,
    graph,
    nameOf: (address) => nameIn(scene, address),
    retryInMs: (address) => {
      const { state, peer } = graph.nodes[graph.indexOf(address) ?? -1] ?? {}
      if (state !== 'backing-off' || typeof peer?.retryInMs !== 'number') return undefined
      return Math.max(peer.retryInMs - passedMs, 0)
    },
    nowMs,
  }
}
