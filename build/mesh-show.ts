/**
 * How a mesh that runs is shown: what the runner tells, and the plain way, line by line, which
 * suits few nodes, pipes and files.
 */

import { styleText } from 'node:util'
import { isListeningLine, pageUrlIn } from '../src/log/log-messages.ts'
import { nodeLabels } from './node-labels.ts'
import type { OutputStream } from './node-process.ts'
import { isRemarkable, isShown, type QuietLevel } from './shown-lines.ts'

/** A node to be shown: its name, and what of its output is hidden. */
export interface ShownNode {
  readonly name: string
  readonly quiet: QuietLevel | undefined
}

/** Is told what happens, in the order in which it happens. */
export interface MeshShow {
  /** A node has printed a line. */
  heard(name: string, line: string, stream: OutputStream): void
  /** A node ended while the others run on. `words` follow its name. */
  ended(name: string, words: string): void
  /** A node ended, and that ends all; `consequence` follows the words. */
  failed(name: string, words: string, consequence: string): void
  /** Something about the mesh as a whole, in a sentence. */
  tell(sentence: string): void
  /** The mesh is complete, which this sentence says. */
  complete(sentence: string): void
  /** All nodes are asked to end. */
  stopping(): void
  /** All is over; the last sentence. */
  end(sentence: string): void
}

/** What a {@link LineShow} needs. */
export interface LineShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  /** Whether all is shown that the nodes say, or of each but where it listens and its troubles. */
  readonly isVerbose: boolean
  readonly print: (line: string) => void
}

/** Shows the lines of all nodes, each behind the name of its node. */
export class LineShow implements MeshShow {
  readonly #options: LineShowOptions
  readonly #labels: ReadonlyMap<string, string>
  readonly #quiet: ReadonlyMap<string, QuietLevel | undefined>
  readonly #pages = new Map<string, string>()
  #shownPage: string | undefined
  #isPageAwaited = false

  constructor(options: LineShowOptions) {
    const { nodes, colour } = options
    this.#options = options
    this.#labels = nodeLabels(
      nodes.map(({ name }) => name),
      colour,
    )
    this.#quiet = new Map(nodes.map(({ name, quiet }) => [name, quiet]))
  }

  heard(name: string, line: string, stream: OutputStream): void {
    const page = pageUrlIn(line)
    // All nodes draw the same mesh: one link is enough, when there is something to see.
    if (page !== undefined) {
      this.#pages.set(name, page)
      // A single node is complete before it says so.
      if (this.#isPageAwaited) this.#showPage()
    } else if (this.#isWanted(line, stream) && isShown(line, stream, this.#quiet.get(name))) {
      this.#options.print(`${this.#labels.get(name)}${line}`)
    }
  }

  ended(name: string, words: string): void {
    this.#pages.delete(name)
    this.tell(`${name} ${words}`)
  }

  failed(name: string, words: string, consequence: string): void {
    this.tell(`${name} ${words}${consequence}`)
  }

  tell(sentence: string): void {
    this.#options.print(bold(sentence, this.#options.colour))
  }

  complete(sentence: string): void {
    this.tell(sentence)
    this.#showPage()
  }

  stopping(): void {}

  end(sentence: string): void {
    this.tell(sentence)
  }

  #showPage(): void {
    const page = firstPage(this.#quiet.keys(), this.#pages)
    this.#isPageAwaited = page === undefined
    if (page === undefined || page === this.#shownPage) return
    this.#shownPage = page
    this.tell(seeWords(page))
  }

  #isWanted(line: string, stream: OutputStream): boolean {
    return this.#options.isVerbose || isRemarkable(line, stream) || isListeningLine(line)
  }
}

/** Where to look. */
export function seeWords(page: string): string {
  return `see the mesh at ${page}`
}

/** The page of the first node that has one: whoever looks again finds the same one. */
export function firstPage(
  names: Iterable<string>,
  pages: ReadonlyMap<string, string>,
): string | undefined {
  const name = [...names].find((one) => pages.has(one))
  return name === undefined ? undefined : pages.get(name)
}

/** In bold type where colours are wanted. */
export function bold(text: string, colour: boolean): string {
  return colour ? styleText('bold', text, { validateStream: false }) : text
}
