/** The last lines of a terminal, redrawn in place, while other lines scroll above them. */

import { stripVTControlCharacters } from 'node:util'

export interface Terminal {
  readonly columns?: number | undefined
  readonly rows?: number | undefined
  write(text: string): unknown
}

const COLUMNS_DEFAULT = 80
const ROWS_DEFAULT = 24

/** Erase the rest of a line; erase all below (ECMA-48 §8.3). */
const ERASE_LINE = '\u001b[K'
const ERASE_BELOW = '\u001b[J'

/** The last lines on a terminal. Print all other output with {@link print}. */
export class LiveRegion {
  readonly #terminal: Terminal
  #lines: readonly string[] = []

  constructor(terminal: Terminal) {
    this.#terminal = terminal
  }

  get room(): { readonly columns: number; readonly rows: number } {
    const { columns = 0, rows = 0 } = this.#terminal
    return { columns: columns || COLUMNS_DEFAULT, rows: rows || ROWS_DEFAULT }
  }

  /** Shows these lines instead of the last ones. They must fit into the {@link room}. */
  draw(lines: readonly string[]): void {
    this.#write([], lines)
  }

  /** Prints a line above the drawn lines; it stays. */
  print(line: string): void {
    this.#write([line], this.#lines)
  }

  /** Keeps the drawn lines on the terminal; the next lines are drawn below. */
  release(): void {
    this.#lines = []
  }

  /** One write: a terminal never shows half of it. */
  #write(passing: readonly string[], lines: readonly string[]): void {
    const up = this.#lines.length > 0 ? `\u001b[${this.#lines.length}A` : ''
    const text = [...passing, ...lines].map((line) => `${line}${ERASE_LINE}\n`).join('')
    this.#terminal.write(`\r${up}${text}${ERASE_BELOW}`)
    this.#lines = lines
  }
}

/** Cuts a line that is too long, and removes its colours. */
export function fitted(line: string, columns: number): string {
  const text = stripVTControlCharacters(line)
  return text.length <= columns ? line : `${text.slice(0, columns - 1)}…`
}
