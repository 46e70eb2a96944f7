/** A mesh of many nodes as a list with one line for each, and below it a summary. Pure. */

import { styleText } from 'node:util'
import { fitted } from './live-region.ts'
import { bold, firstPage, pageWords } from './mesh-show.ts'

/** The state of a node. */
type Row =
  | { readonly kind: 'starting' }
  | { readonly kind: 'up'; readonly address: string; readonly count: number }
  | { readonly kind: 'ended'; readonly words: string }

/** How a board is drawn. */
export interface BoardLook {
  readonly columns: number
  readonly rows: number
  readonly colour: boolean
  /** The time since the start. */
  readonly elapsedMs: number
}

/** Which nodes are left out last when there are more than the terminal has lines for. */
const URGENCY = { ended: 0, starting: 1, lacking: 2, connected: 3 } as const

type Condition = keyof typeof URGENCY

const STYLES = { ended: 'red', starting: 'dim', lacking: 'yellow', connected: 'green' } as const

/** A board for nodes of these names. */
export class MeshBoard {
  readonly #rows = new Map<string, Row>()
  readonly #pages = new Map<string, string>()
  readonly #nameColumns: number
  /** Shown instead of the figures. */
  #sentence: string | undefined

  constructor(names: readonly string[]) {
    for (const name of names) this.#rows.set(name, { kind: 'starting' })
    this.#nameColumns = Math.max(...names.map((name) => name.length))
  }

  /** A node listens. */
  listening(name: string, address: string): void {
    const row = this.#rows.get(name)
    if (row?.kind !== 'starting') return
    this.#rows.set(name, { kind: 'up', address, count: 0 })
  }

  connectedTo(name: string, count: number): void {
    const row = this.#rows.get(name)
    if (row?.kind === 'up') this.#rows.set(name, { ...row, count })
  }

  pageAt(name: string, url: string): void {
    this.#pages.set(name, url)
  }

  /** No page can be opened any more. */
  hidePages(): void {
    this.#pages.clear()
  }

  /** A node ended; `words` follow its name. */
  ended(name: string, words: string): void {
    this.#rows.set(name, { kind: 'ended', words })
    this.#pages.delete(name)
  }

  /** Sets the summary below the nodes; undefined for the figures. */
  say(sentence: string | undefined): void {
    this.#sentence = sentence
  }

  /** The lines, none of them too long, and no more than fit. */
  lines(look: BoardLook): readonly string[] {
    const { columns, colour, elapsedMs } = look
    const page = firstPage(this.#rows.keys(), this.#pages)
    const below = [
      bold(fitted(this.#sentence ?? this.#figures(elapsedMs), columns), colour),
      ...(page === undefined ? [] : [bold(fitted(pageWords(page), columns), colour)]),
    ]
    // The last line of the terminal is where the cursor waits.
    return [...this.#nodeLines(look, look.rows - below.length - 1), ...below]
  }

  #nodeLines({ columns, colour }: BoardLook, room: number): readonly string[] {
    const all = [...this.#rows].map(([name, row]) => ({ name, row, is: this.#conditionOf(row) }))
    const fits = all.length <= room
    const shown = fits ? all : mostUrgent(all, Math.max(room - 1, 0))
    const lines = shown.map(({ name, row, is }) => {
      const text = `${name.padEnd(this.#nameColumns)}  ${this.#wordsFor(row)}`
      return styled(STYLES[is], fitted(text, columns), colour)
    })
    if (fits) return lines
    const rest = all.filter((node) => !shown.includes(node))
    const isWell = rest.every(({ is }) => is === 'connected')
    const more = `… and ${rest.length} more${isWell ? ', all connected' : ''}`
    return [...lines, fitted(more, columns)]
  }

  #conditionOf(row: Row): Condition {
    if (row.kind !== 'up') return row.kind
    return row.count < this.#others ? 'lacking' : 'connected'
  }

  #wordsFor(row: Row): string {
    if (row.kind === 'starting') return 'starting'
    if (row.kind === 'ended') return row.words
    const of = row.count > this.#others ? '' : ` of ${this.#others}`
    return `${row.address}  connected to ${row.count}${of}`
  }

  #figures(elapsedMs: number): string {
    const up = [...this.#rows.values()].filter((row) => row.kind === 'up')
    const needed = ((this.#others + 1) * this.#others) / 2
    // Both ends count each connection, one of them a little later.
    const ends = up.reduce((sum, { count }) => sum + count, 0)
    const connections = Math.min(Math.floor(ends / 2), needed)
    const seconds = (elapsedMs / 1000).toFixed(1)
    return `${up.length} of ${this.#rows.size} nodes running, ${connections} of ${needed} connections, ${seconds} s`
  }

  /** How many peers each node should have. */
  get #others(): number {
    const living = [...this.#rows.values()].filter(({ kind }) => kind !== 'ended')
    return Math.max(living.length - 1, 0)
  }
}

/** So many of those that need a look, in the order in which they were. */
function mostUrgent<Node extends { readonly is: Condition }>(
  nodes: readonly Node[],
  count: number,
): readonly Node[] {
  const chosen = new Set([...nodes].sort((a, b) => URGENCY[a.is] - URGENCY[b.is]).slice(0, count))
  return nodes.filter((node) => chosen.has(node))
}

function styled(style: (typeof STYLES)[Condition], text: string, colour: boolean): string {
  return colour ? styleText(style, text, { validateStream: false }) : text
}
