/**
 * A program with a node. On SIGUSR2 it publishes numbers; it prints what it got of each feed, and
 * what is wrong with that.
 */

import { MeshNode } from '../../src/index.ts'

/** What it is told. */
export interface MessageOrder {
  readonly port: number
  readonly knownPeers: readonly string[]
  /** How many numbers it publishes. */
  readonly count: number
}

/** What it prints, after `state `. */
export interface MessageState {
  readonly peers: number
  /** By feed, the first and the last number that came, and of how many gaps told. */
  readonly feeds: Readonly<Record<string, { first: number; last: number; gaps: number }>>
  readonly problems: readonly string[]
  readonly residentMib: number
}

/** Numbers of one step, and the pause between two, in ms. */
const STEP = 40
const PAUSE_MS = 10

const { count, knownPeers, port }: MessageOrder = JSON.parse(process.argv[2] ?? '{}')
const node = new MeshNode({ port, knownPeers })
const feeds: Record<string, { first: number; last: number; gaps: number }> = {}
const problems: string[] = []
let printed = ''

function take(feed: string, first: number, last: number): void {
  const before = feeds[feed]
  if (before === undefined) feeds[feed] = { first, last, gaps: 0 }
  else {
    if (first !== before.last + 1) problems.push(`${feed}: ${first} after ${before.last}`)
    before.last = last
  }
}

node.subscribe(
  '>',
  ({ body, feed, seq }) => {
    take(feed, seq, seq)
    if (body !== seq) problems.push(`${feed}: ${JSON.stringify(body)} is number ${seq}`)
  },
  {
    history: 'run',
    onGap: ({ feed, first, last }) => {
      take(feed, first, last)
      const found = feeds[feed]
      if (found !== undefined) found.gaps += 1
    },
  },
)

process.on('SIGUSR2', () => {
  let next = 1
  const timer = setInterval(() => {
    for (let n = 0; n < STEP && next <= count; n += 1) {
      node.publish('numbers', next)
      next += 1
    }
    if (next > count) clearInterval(timer)
  }, PAUSE_MS)
})

setInterval(() => {
  const residentMib = Math.round(process.memoryUsage.rss() / 1024 / 1024)
  const state = { peers: node.peers.length, feeds, problems: problems.slice(0, 5) }
  const text = JSON.stringify(state)
  if (text === printed) return
  printed = text
  console.log(`state ${JSON.stringify({ ...state, residentMib } satisfies MessageState)}`)
}, 50)

await node.start()
console.log(`x listening on ${node.address}`)
