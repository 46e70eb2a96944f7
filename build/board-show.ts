/** Shows a mesh of many nodes on a terminal: a board that is redrawn in place. */

import { LiveRegion, type Terminal } from './live-region.ts'
import { boardLines, type MeshBoard } from './mesh-board.ts'
import { type MeshShow, type ShownNode, shownLines, styled } from './mesh-show.ts'
import { connectedAfter, isRemarkable, type NodeOutput } from './node-output.ts'

export interface BoardShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  readonly terminal: Terminal
}

/** Fast enough to follow, slow enough to read, and cheap beside the work of the nodes. */
const REDRAW_MS = 100

export class BoardShow implements MeshShow {
  readonly #board: MeshBoard
  readonly #colour: boolean
  readonly #region: LiveRegion
  readonly #shownLine: ReturnType<typeof shownLines>
  readonly #startedMs = performance.now()
  readonly #timer: NodeJS.Timeout
  #drawn = ''
  /** The last sentence about the mesh as a whole. */
  #sentence: string | undefined
  #isStopping = false

  constructor({ nodes, colour, terminal }: BoardShowOptions) {
    const rows = nodes.map(({ name }) => [name, { kind: 'starting' }] as const)
    this.#board = { rows: new Map(rows), pages: new Map() }
    this.#colour = colour
    this.#region = new LiveRegion(terminal)
    this.#shownLine = shownLines(nodes, colour)
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref()
    this.#draw()
  }

  printed(name: string, output: NodeOutput): void {
    const { event } = output
    const { rows, pages } = this.#board
    const row = rows.get(name)
    const count = connectedAfter(event)
    if (event?.kind === 'listening') {
      if (row?.kind === 'starting') rows.set(name, { kind: 'up', address: event.address, count: 0 })
    } else if (event?.kind === 'page') {
      pages.set(name, event.url)
    } else if (count !== undefined && !this.#isStopping) {
      // While all stop, the board keeps the last state.
      if (row?.kind === 'up') rows.set(name, { ...row, count })
    } else if (isRemarkable(output)) {
      const line = this.#shownLine(name, output)
      if (line !== undefined) this.#region.print(line)
    }
  }

  ended(name: string, words: string): void {
    this.#board.rows.set(name, { kind: 'ended', words })
    this.#board.pages.delete(name)
    this.summary(undefined)
  }

  failed(name: string, words: string, consequence: string): void {
    this.#board.rows.set(name, { kind: 'ended', words })
    this.#region.print(styled('bold', `${name} ${words}${consequence}`, this.#colour))
  }

  summary(sentence: string | undefined): void {
    this.#sentence = sentence
    this.#board.sentence = sentence
  }

  stopping(): void {
    this.#isStopping = true
    this.#board.pages.clear()
    this.#board.sentence = 'stopping; press Ctrl-C again to exit at once'
    this.#draw()
  }

  end(sentence: string): void {
    clearInterval(this.#timer)
    this.#board.sentence = this.#sentence
    this.#draw()
    this.#region.release()
    this.#region.print(styled('bold', sentence, this.#colour))
  }

  /** Draws only what has changed: text that does not change can be selected and copied. */
  #draw(): void {
    const elapsedMs = performance.now() - this.#startedMs
    const look = { ...this.#region.room, colour: this.#colour, elapsedMs }
    const lines = boardLines(this.#board, look)
    const text = lines.join('\n')
    if (text === this.#drawn) return
    this.#drawn = text
    this.#region.draw(lines)
  }
}
