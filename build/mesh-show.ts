/** Shows a mesh that runs line by line, for few nodes, pipes and files. */

import { styleText } from 'node:util'
import type { LogLevel } from '../src/log/log.ts'
import { isRemarkable, isShown, type NodeOutput } from './node-output.ts'

/** A node, and the level of its lines that are shown. */
export interface ShownNode {
  readonly name: string
  readonly level: LogLevel
}

/** Shows what happens. The methods are called in the order of the events. */
export interface MeshShow {
  printed(name: string, output: NodeOutput): void
  /** A node ended and the others continue to run. `words` follow its name. */
  ended(name: string, words: string): void
  /** A node ended, and the whole mesh stops; `consequence` follows the words. */
  failed(name: string, words: string, consequence: string): void
  summary(sentence: string, isComplete: boolean): void
  stopping(): void
  /** All nodes stopped; the last sentence. */
  end(sentence: string): void
}

export interface LineShowOptions {
  readonly nodes: readonly ShownNode[]
  readonly colour: boolean
  /** True: all lines. False: of each node only its address and its warnings. */
  readonly isVerbose: boolean
  readonly print: (line: string) => void
}

/** Shows the lines of all nodes, each behind the name of its node. */
export class LineShow implements MeshShow {
  readonly #options: LineShowOptions
  readonly #shownLine: ShownLine
  readonly #pages = new Map<string, string>()
  #shownPage: string | undefined
  #isPageAwaited = false

  constructor(options: LineShowOptions) {
    this.#options = options
    this.#shownLine = shownLines(options.nodes, options.colour)
  }

  printed(name: string, output: NodeOutput): void {
    const { event } = output
    if (event?.kind === 'page') {
      this.#pages.set(name, event.url)
      // A node alone is complete before it has a page.
      if (this.#isPageAwaited) this.#showPage()
    } else if (this.#options.isVerbose || isRemarkable(output) || event?.kind === 'listening') {
      const line = this.#shownLine(name, output)
      if (line !== undefined) this.#options.print(line)
    }
  }

  ended(name: string, words: string): void {
    this.#pages.delete(name)
    this.end(`${name} ${words}`)
  }

  failed(name: string, words: string, consequence: string): void {
    this.end(`${name} ${words}${consequence}`)
  }

  summary(sentence: string, isComplete: boolean): void {
    this.end(sentence)
    if (isComplete) this.#showPage()
  }

  stopping(): void {}

  end(sentence: string): void {
    this.#options.print(styled('bold', sentence, this.#options.colour))
  }

  /** All nodes show the same mesh: one link is enough, when all are connected. */
  #showPage(): void {
    const names = this.#options.nodes.map(({ name }) => name)
    const page = pageLine(names, this.#pages)
    this.#isPageAwaited = page === undefined
    if (page === undefined || page === this.#shownPage) return
    this.#shownPage = page
    this.end(page)
  }
}

/** The line that is shown for an output; undefined when the level of the node hides it. */
type ShownLine = (name: string, output: NodeOutput) => string | undefined

const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red'] as const

/** Puts the name before each line of a node, in the colour of the node: `node-1  | text`. */
export function shownLines(nodes: readonly ShownNode[], colour: boolean): ShownLine {
  const width = Math.max(...nodes.map(({ name }) => name.length))
  const shown = new Map(
    nodes.map(({ name, level }, index) => {
      const style = COLOURS[index % COLOURS.length] ?? 'cyan'
      return [name, { level, label: styled(style, `${name.padEnd(width)} |`, colour) }]
    }),
  )
  return (name, output) => {
    const { label = name, level = 'info' } = shown.get(name) ?? {}
    return isShown(output, level) ? `${label} ${output.text}` : undefined
  }
}

export function pageLine(
  names: Iterable<string>,
  pages: ReadonlyMap<string, string>,
): string | undefined {
  const name = [...names].find((one) => pages.has(one))
  return name === undefined ? undefined : `page: ${pages.get(name)}`
}

export function styled(style: Style, text: string, colour: boolean): string {
  return colour ? styleText(style, text, { validateStream: false }) : text
}

type Style = Parameters<typeof styleText>[0]
