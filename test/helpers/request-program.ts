/**
 * A program with a node that asks its peers again and again, and answers. It prints what came of
 * that, and which requests it carried out twice.
 */

import { MeshNode, NodeError } from '../../src/index.ts'

/** What it is told. */
export interface RequestOrder {
  readonly port: number
  readonly knownPeers: readonly string[]
}

/** What it prints, after `state `. */
export interface RequestState {
  readonly peers: number
  /** By peer: how many requests were answered, and with which codes the others failed. */
  readonly outcomes: Readonly<Record<string, Readonly<Record<string, number>>>>
  readonly twice: number
}

/** Between two requests to a peer, and until one is given up, in ms. */
const PAUSE_MS = 20
const TIMEOUT_MS = 1_000

const { knownPeers, port }: RequestOrder = JSON.parse(process.argv[2] ?? '{}')
const node = new MeshNode({ port, knownPeers })
const outcomes: Record<string, Record<string, number>> = {}
const carriedOut = new Set<string>()
let twice = 0
let asked = 0

node.respond('next', async ({ body }) => {
  const key = String(body)
  if (carriedOut.has(key)) twice += 1
  carriedOut.add(key)
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS))
  return key
})

async function ask(peer: string): Promise<string> {
  asked += 1
  const key = `${node.id} ${asked}`
  try {
    const answer = await node.request(peer, 'next', key, { timeoutMs: TIMEOUT_MS })
    return answer === key ? 'answered' : 'wrong'
  } catch (error) {
    return error instanceof NodeError ? error.code : String(error)
  }
}

setInterval(() => {
  for (const peer of knownPeers) {
    if (peer === node.address) continue
    void ask(peer).then((outcome) => {
      const counts = outcomes[peer] ?? {}
      outcomes[peer] = { ...counts, [outcome]: (counts[outcome] ?? 0) + 1 }
    })
  }
}, PAUSE_MS)

setInterval(() => {
  const state: RequestState = { peers: node.peers.length, outcomes, twice }
  console.log(`state ${JSON.stringify(state)}`)
}, 50)

await node.start()
console.log(`x listening on ${node.address}`)
