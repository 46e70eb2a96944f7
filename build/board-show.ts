/** Shows a mesh of many nodes on a terminal: a board that is redrawn in place. */

import type { LogLevel } from '../src/log/log.ts'
import { LiveRegion, type Terminal } from './live-region.ts'
import { MeshBoard } from './mesh-board.ts'
import { bold, type MeshShow, type ShownNode } from './mesh-show.ts'
import { nodeLabels } from './node-labels.ts'
import { connectedAfter, isRemarkable, isShown, type NodeOutput } from './node-output.ts'

/** What a {@link BoardShow} needs. */
export interface BoardShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  readonly terminal: Terminal
}

/** Fast enough to follow, slow enough to read, and cheap beside the work of the nodes. */
const REDRAW_MS = 100

export class BoardShow implements MeshShow {
  readonly #options: BoardShowOptions
  readonly #board: MeshBoard
  readonly #region: LiveRegion
  readonly #labels: ReadonlyMap<string, string>
  readonly #levels: ReadonlyMap<string, LogLevel>
  readonly #startedMs = performance.now()
  readonly #timer: NodeJS.Timeout
  #drawn = ''
  /** The last sentence about the mesh as a whole. */
  #sentence: string | undefined
  #isStopping = false

  constructor(options: BoardShowOptions) {
    const names = options.nodes.map(({ name }) => name)
    this.#options = options
    this.#board = new MeshBoard(names)
    this.#region = new LiveRegion(options.terminal)
    this.#labels = nodeLabels(names, options.colour)
    this.#levels = new Map(options.nodes.map(({ name, level }) => [name, level]))
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref()
    this.#draw()
  }

  printed(name: string, output: NodeOutput): void {
    const { event, text } = output
    const count = connectedAfter(event)
    if (event?.kind === 'listening') this.#board.listening(name, event.address)
    else if (event?.kind === 'page') this.#board.pageAt(name, event.url)
    // While all stop, the board keeps the last state.
    else if (count !== undefined && !this.#isStopping) this.#board.connectedTo(name, count)
    else if (isRemarkable(output) && isShown(output, this.#levels.get(name) ?? 'info')) {
      this.#region.print(`${this.#labels.get(name)}${text}`)
    }
  }

  ended(name: string, words: string): void {
    this.#board.ended(name, words)
    this.tell(undefined)
  }

  failed(name: string, words: string, consequence: string): void {
    this.#board.ended(name, words)
    this.#region.print(bold(`${name} ${words}${consequence}`, this.#options.colour))
  }

  tell(sentence: string | undefined): void {
    this.#sentence = sentence
    this.#board.say(sentence)
  }

  complete(sentence: string): void {
    this.tell(sentence)
  }

  stopping(): void {
    this.#isStopping = true
    this.#board.hidePages()
    this.#board.say('stopping; press Ctrl-C again to exit at once')
    this.#draw()
  }

  end(sentence: string): void {
    clearInterval(this.#timer)
    this.#board.say(this.#sentence)
    this.#draw()
    this.#region.release()
    this.#region.print(bold(sentence, this.#options.colour))
  }

  /** Draws only what has changed, so that somebody can mark and copy text. */
  #draw(): void {
    const { columns, rows } = this.#region.room
    const { colour } = this.#options
    const elapsedMs = performance.now() - this.#startedMs
    const lines = this.#board.lines({ columns, rows, colour, elapsedMs })
    const text = lines.join('\n')
    if (text === this.#drawn) return
    this.#drawn = text
    this.#region.draw(lines)
  }
}
