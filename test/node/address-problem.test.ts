/** Which address a node suggests when its own cannot be dialed. */

import test from 'ava'
import type { DialFailure } from '../../src/mesh/inputs.ts'
import { withSuggestion } from '../../src/node/address-problem.ts'
import { at } from '../helpers/core.ts'

/** What is suggested to a node that listens on an IP of a network. */
async function suggestedFor(failure: DialFailure): Promise<string | undefined> {
  const event = { kind: 'own-address-unanswered', address: at(4001), failure, reason: '' } as const
  const listening = { listen: ['192.0.2.7'], port: 4001, isSecure: false }
  return (await withSuggestion(event, listening, at(4001))).suggested
}

test('address problem - an address is suggested where nobody answers', async (t) => {
  for (const failure of ['refused', 'timed-out', 'unreachable', 'name-not-found'] as const) {
    t.is(await suggestedFor(failure), 'ws://192.0.2.7:4001', failure)
  }
})

test('address problem - none where something answers, as with a certificate that is wrong', async (t) => {
  for (const failure of ['other', 'not-mesh'] as const) {
    t.is(await suggestedFor(failure), undefined, failure)
  }
})
