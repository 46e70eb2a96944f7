/** Shows a mesh that runs line by line, for few nodes, pipes and files. */

import { styleText } from 'node:util'
import type { LogLevel } from '../src/log/log.ts'
import { nodeLabels } from './node-labels.ts'
import { isRemarkable, isShown, type NodeOutput } from './node-output.ts'

/** A node to be shown, and the level of its lines that are. */
export interface ShownNode {
  readonly name: string
  readonly level: LogLevel
}

/** Is told what happens, in the order in which it happens. */
export interface MeshShow {
  /** A node printed a line. */
  printed(name: string, output: NodeOutput): void
  /** A node ended while the others run on. `words` follow its name. */
  ended(name: string, words: string): void
  /** A node ended, and that ends all; `consequence` follows the words. */
  failed(name: string, words: string, consequence: string): void
  /** A sentence about the mesh as a whole. */
  tell(sentence: string): void
  /** All nodes are connected, as this sentence says. */
  complete(sentence: string): void
  /** All nodes are asked to stop. */
  stopping(): void
  /** All nodes stopped; the last sentence. */
  end(sentence: string): void
}

/** What a {@link LineShow} needs. */
export interface LineShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  /** Whether all lines are shown, or of each node only where it listens and its warnings. */
  readonly isVerbose: boolean
  readonly print: (line: string) => void
}

/** Shows the lines of all nodes, each behind the name of its node. */
export class LineShow implements MeshShow {
  readonly #options: LineShowOptions
  readonly #labels: ReadonlyMap<string, string>
  readonly #levels: ReadonlyMap<string, LogLevel>
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
    this.#levels = new Map(nodes.map(({ name, level }) => [name, level]))
  }

  printed(name: string, output: NodeOutput): void {
    const { event, text } = output
    // All nodes show the same mesh: one link is enough, when all are connected.
    if (event?.kind === 'page') {
      this.#pages.set(name, event.url)
      // A node alone is complete before it has a page.
      if (this.#isPageAwaited) this.#showPage()
    } else if (this.#isWanted(output) && isShown(output, this.#levels.get(name) ?? 'info')) {
      this.#options.print(`${this.#labels.get(name)}${text}`)
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
    const page = firstPage(this.#levels.keys(), this.#pages)
    this.#isPageAwaited = page === undefined
    if (page === undefined || page === this.#shownPage) return
    this.#shownPage = page
    this.tell(pageWords(page))
  }

  #isWanted(output: NodeOutput): boolean {
    const { isVerbose } = this.#options
    return isVerbose || isRemarkable(output) || output.event?.kind === 'listening'
  }
}

export function pageWords(page: string): string {
  return `page: ${page}`
}

/** The page of the first node that has one, always the same. */
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
