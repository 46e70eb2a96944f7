/**
 * A program that stores what it publishes, until it is killed. It prints `ack FEED SEQ` after each
 * message that is on the disk, and `handled FEED SEQ` for each that its named subscription gets.
 */

import { writeSync } from 'node:fs'
import { MeshNode } from '../../src/index.ts'

/** What it publishes in one turn, and the most that each message is padded with. */
const BURST = 5
const PADDING_MAX = 3_000

/** The body of a message, which its number alone decides. */
export function bodyOf(seq: number): { readonly seq: number; readonly padding: string } {
  return { seq, padding: 'x'.repeat((seq * 7_919) % PADDING_MAX) }
}

/** A line that is written when the call returns, unlike what a pipe may hold back. */
function say(line: string): void {
  writeSync(1, `${line}\n`)
}

async function main(folder: string, publishes: boolean): Promise<void> {
  const node = new MeshNode({ port: 0, messages: { folder, folderMib: 4_096 } })
  node.on('log', ({ level, text }) => say(`log ${level} ${text}`))
  const take = ({ body, feed, seq }: { body: unknown; feed: string; seq: number }): void => {
    const isRight = JSON.stringify(body) === JSON.stringify(bodyOf(seq))
    say(`${isRight ? 'handled' : 'invented'} ${feed} ${seq}`)
  }
  const onGap = ({ feed, first, last }: { feed: string; first: number; last: number }): void =>
    say(`gap ${feed} ${first} ${last}`)
  node.subscribe('a.>', take, { name: 'one', onGap })
  await node.start()
  say('ready')
  let next = 1
  while (publishes) {
    const sent = Array.from({ length: BURST }, () => {
      const seq = next
      next += 1
      if (seq % 3 === 0) return Promise.resolve(node.publish('a.b', bodyOf(seq)))
      return node.publishDurable('a.b', bodyOf(seq)).then((one) => {
        say(`ack ${one.feed} ${one.seq}`)
        return one
      })
    })
    await Promise.all(sent)
  }
}

const [, , folder, mode] = process.argv
if (folder !== undefined) await main(folder, mode === 'publish')
