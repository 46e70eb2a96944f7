/**
 * A program with a node that publishes numbers as fast as all of them are handled, and prints what
 * it has got.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { MeshNode } from '../../src/index.ts'

/** What it is told. */
export interface MessageNodeOrder {
  readonly port: number
  readonly knownPeers: readonly string[]
  /** How many messages it publishes. */
  readonly count: number
}

/** What it prints, after `state `. */
export interface MessageNodeState {
  readonly published: number
  /** Messages that came once, in their order. */
  readonly received: number
  /** What came twice, not in order, or not at all. */
  readonly problems: readonly string[]
  readonly residentMib: number
}

/**
 * Messages of a turn, and how many it may be ahead of what its peers publish: so nobody publishes
 * faster than the slowest one handles. Without that a busy machine fills the log, and gaps are
 * right.
 */
const STEP = 500
const AHEAD_MAX = 5_000

/** With its number, a message has about 128 bytes. */
const TEXT = 'x'.repeat(100)

const PRINT_MS = 500
const MIB = 1024 * 1024

async function main({ count, knownPeers, port }: MessageNodeOrder): Promise<void> {
  const node = new MeshNode({ port, knownPeers })
  node.on('log', ({ level, text }) => console.log(`${level} ${text}`))
  const last = new Map<string, number>()
  const problems: string[] = []
  let received = 0
  let published = 0
  const take = (body: unknown, feed: string, seq: number): void => {
    const expected = (last.get(feed) ?? 0) + 1
    last.set(feed, seq)
    if (seq !== expected) problems.push(`${feed}: ${seq} in the place of ${expected}`)
    else if (body !== `${seq} ${TEXT}`) problems.push(`${feed}: ${seq} is ${JSON.stringify(body)}`)
    else received += 1
  }
  const onGap = ({
    feed,
    first,
    last: end,
  }: {
    feed: string
    first: number
    last: number
  }): void => {
    problems.push(`${feed}: ${first} to ${end} will not come`)
    last.set(feed, end)
  }
  node.subscribe('>', ({ body, feed, seq }) => take(body, feed, seq), {
    history: 'run',
    echo: false,
    onGap,
  })
  setInterval(() => {
    const residentMib = Math.round(process.memoryUsage.rss() / MIB)
    const state: MessageNodeState = {
      published,
      received,
      problems: problems.slice(0, 5),
      residentMib,
    }
    console.log(`state ${JSON.stringify(state)}`)
  }, PRINT_MS)
  await node.start()
  console.log(`x listening on ${node.address}`)
  const isAhead = (): boolean =>
    last.size < knownPeers.length - 1
      ? published > 0
      : published > Math.min(...last.values()) + AHEAD_MAX
  while (published < count) {
    for (let n = 0; n < STEP && published < count; n += 1) {
      published += 1
      node.publish('numbers', `${published} ${TEXT}`)
    }
    do await delay(1)
    while (isAhead())
  }
}

const [, , order] = process.argv
if (order !== undefined) await main(JSON.parse(order))
