/** The messages of one run: what was published, and with which settings each node carries them. */

import type { Process } from '../process.ts'
import { Violation } from '../violation.ts'
import { Ledger } from './ledger.ts'
import type { MessageNode, MessageSettings } from './message-node.ts'

/** The types of frames that only peers that announced messages may get. */
const MESSAGE_FRAME = /^\{"type":"(FEED|WANT|EVENTS|GONE|FEEDS)"/

export class MessageWorld {
  readonly ledger = new Ledger()
  readonly nodes = new Map<Process, MessageNode>()
  /** Of a node by its index; undefined when it is of the version before. */
  readonly settingsOf: (index: number) => MessageSettings | undefined

  constructor(settingsOf: (index: number) => MessageSettings | undefined) {
    this.settingsOf = settingsOf
  }

  /** A node gets a text of another. @throws {Violation} when it does not speak messages */
  expectSpoken(to: Process, from: Process, text: string): void {
    if (this.nodes.has(to) || !this.nodes.has(from) || !MESSAGE_FRAME.test(text)) return
    throw new Violation(`${to.name} of the version before gets ${text.slice(0, 60)}`)
  }
}
