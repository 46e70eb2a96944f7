/** A terminal, or a pipe, that keeps what is written to it. */

import { Writable } from 'node:stream'

/** All that was written is in `text`. */
export class TextScreen extends Writable {
  text = ''
  readonly isTTY: boolean
  readonly columns: number
  readonly rows: number

  constructor({ isTTY = false, columns = 80, rows = 24 } = {}) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
    this.columns = columns
    this.rows = rows
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}
