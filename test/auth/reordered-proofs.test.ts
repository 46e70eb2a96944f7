/** AUTH that comes on another link, from the other side, or at another time than it should. */

import test from 'ava'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof, DialerProof } from '../../src/auth/proof.ts'
import { identityAt } from '../helpers/core.ts'

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])
const DIALED = 'ws://localhost:2'

/** Both ends of one link, and the AUTH of its dialer. */
function link() {
  const dialing = new DialerProof({ keyring: KEYRING, identity: identityAt(1) }, DIALED)
  const acceptor = { keyring: KEYRING, identity: identityAt(2) }
  const accepting = AcceptorProof.begin(acceptor, dialing.offer)
  if (accepting === undefined) throw new Error('an offer of ours is understood')
  return { dialing, accepting, sent: dialing.answered(accepting.offer) ?? '' }
}

test('auth - of two links that are swapped, neither is proven, in any order', (t) => {
  const [one, other] = [link(), link()]
  t.is(one.accepting.verify(other.sent), undefined)
  t.is(other.accepting.verify(one.sent), undefined)
  // What failed changes nothing for the right one.
  const answers = [one, other].map(({ accepting, sent }) => accepting.verify(sent)?.answer ?? '')
  t.is(one.dialing.verify(answers[1] ?? ''), undefined)
  t.is(other.dialing.verify(answers[0] ?? ''), undefined)
  t.deepEqual(one.dialing.verify(answers[0] ?? '')?.identity, identityAt(2))
})

test('auth - of one side is none of the other side', (t) => {
  const { dialing, accepting, sent } = link()
  t.is(dialing.verify(sent), undefined)
  const answer = accepting.verify(sent)?.answer ?? ''
  t.is(accepting.verify(answer), undefined)
})

test('auth - of the acceptor before that of the dialer proves nothing', (t) => {
  const dialing = new DialerProof({ keyring: KEYRING, identity: identityAt(1) }, DIALED)
  const { accepting, sent } = link()
  t.is(dialing.verify(accepting.verify(sent)?.answer ?? ''), undefined)
  t.is(dialing.verify(''), undefined)
})
