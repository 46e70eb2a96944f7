/** What the page changes of the peers of its node. */

import { problemIn } from './refusal.ts'

/** Time for a response, in ms. */
const ANSWER_MS = 10_000

/** Has the node forget a peer. Gives why it did not, or an empty text; never throws. */
export async function forgetPeer(address: string): Promise<string> {
  try {
    const signal = AbortSignal.timeout(ANSWER_MS)
    const path = `peers?address=${encodeURIComponent(address)}`
    return await problemIn(await fetch(path, { method: 'DELETE', signal }))
  } catch {
    return 'no answer from this node'
  }
}
