/** Shows a mesh of many nodes on a terminal: a board that is drawn anew in place. */

import { connectedCountIn, listeningAddressIn, pageUrlIn } from '../src/log/log-messages.ts'
import { LiveRegion, type Terminal } from './live-region.ts'
import { MeshBoard } from './mesh-board.ts'
import { bold, type MeshShow, type ShownNode } from './mesh-show.ts'
import { nodeLabels } from './node-labels.ts'
import type { OutputStream } from './node-process.ts'
import { isRemarkable, isShown, type QuietLevel } from './shown-lines.ts'

/** What a {@link BoardShow} needs. */
export interface BoardShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  readonly terminal: Terminal
}

/** Fast enough to look alive, slow enough to read, and nothing against the work of the nodes. */
const REDRAW_MS = 100

/** A board on a terminal, drawn from the first moment on. */
export class BoardShow implements MeshShow {
  readonly #options: BoardShowOptions
  readonly #board: MeshBoard
  readonly #region: LiveRegion
  readonly #labels: ReadonlyMap<string, string>
  readonly #quiet: ReadonlyMap<string, QuietLevel | undefined>
  readonly #startedMs = performance.now()
  readonly #timer: NodeJS.Timeout
  #drawn = ''
  /** What was last told of the mesh as a whole. */
  #sentence: string | undefined
  #isStopping = false

  constructor(options: BoardShowOptions) {
    const names = options.nodes.map(({ name }) => name)
    this.#options = options
    this.#board = new MeshBoard(names)
    this.#region = new LiveRegion(options.terminal)
    this.#labels = nodeLabels(names, options.colour)
    this.#quiet = new Map(options.nodes.map(({ name, quiet }) => [name, quiet]))
    this.#timer = setInterval(() => this.#draw(), REDRAW_MS).unref()
    this.#draw()
  }

  heard(name: string, line: string, stream: OutputStream): void {
    const address = listeningAddressIn(line)
    const page = pageUrlIn(line)
    const count = connectedCountIn(line)
    if (address !== undefined) this.#board.listening(name, address)
    else if (page !== undefined) this.#board.pageAt(name, page)
    // That they leave each other when all end is no news.
    else if (count !== undefined && !this.#isStopping) this.#board.connectedTo(name, count)
    else if (isRemarkable(line, stream) && isShown(line, stream, this.#quiet.get(name))) {
      this.#region.print(`${this.#labels.get(name)}${line}`)
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
    this.#board.say('stopping; Ctrl-C once more ends all at once')
    this.#draw()
  }

  end(sentence: string): void {
    clearInterval(this.#timer)
    this.#board.say(this.#sentence)
    this.#draw()
    this.#region.release()
    this.#region.print(bold(sentence, this.#options.colour))
  }

  /** What has not changed is left alone, so that somebody can mark and copy it. */
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
