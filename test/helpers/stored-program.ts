/**
 * A program with a node that stores what it publishes, has a named subscription, asks its peers and
 * answers them, until it is killed.
 */

import { MeshNode } from '../../src/index.ts'

/** What it is told. */
export interface StoredOrder {
  readonly port: number
  readonly knownPeers: readonly string[]
}

/** Where it stores, in the folder in which it runs. */
export const DATA = 'data'

const PAUSE_MS = 10

async function main({ knownPeers, port }: StoredOrder): Promise<void> {
  const node = new MeshNode({ port, knownPeers, messages: { folder: DATA } })
  const onGap = ({ feed, first, last }: { feed: string; first: number; last: number }): void =>
    console.log(`gap ${feed} ${first} ${last}`)
  const take = ({ body, feed, seq }: { body: unknown; feed: string; seq: number }): void =>
    console.log(`handled ${feed} ${seq} ${JSON.stringify(body)}`)
  node.subscribe('a.>', take, { name: 'one', onGap })
  node.respond('double', ({ body }) => Number(body) * 2)
  await node.start()
  console.log(`x listening on ${node.address}`)
  for (let n = 1; ; n += 1) {
    const { feed, seq } = await node.publishDurable('a.b', n)
    console.log(`stored ${feed} ${seq}`)
    for await (const { body, error } of node.requestAll('double', n)) {
      console.log(error === undefined ? `answer ${n} ${body}` : `no answer: ${error.message}`)
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  }
}

const [, , order] = process.argv
if (order !== undefined) await main(JSON.parse(order))
