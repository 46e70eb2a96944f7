/** A secret that is withdrawn while a link is being made. */

import test from 'ava'
import { Keyring } from '../../src/auth/key.ts'
import { AcceptorProof, DialerProof } from '../../src/auth/proof.ts'
import { identityAt } from '../helpers/core.ts'

const SECRET = `fm1_${'s'.repeat(43)}`
const OTHER = `fm1_${'o'.repeat(43)}`

/** A dialer that has sent AUTH, and the answer that it will get. */
function answered() {
  const keyring = new Keyring([SECRET])
  const dialing = new DialerProof({ keyring, identity: identityAt(1) }, 'ws://localhost:2')
  const acceptor = { keyring: new Keyring([SECRET]), identity: identityAt(2) }
  const accepting = AcceptorProof.begin(acceptor, dialing.offer)
  const sent = dialing.answered(accepting?.offer) ?? ''
  return { keyring, dialing, answer: accepting?.verify(sent)?.answer ?? '' }
}

test('auth - a secret that is withdrawn before the answer came makes no link', (t) => {
  const { keyring, dialing, answer } = answered()
  keyring.replace([OTHER])
  t.is(dialing.verify(answer), undefined)
})

test('auth - a secret that was put back before the answer came makes one', (t) => {
  const { keyring, dialing, answer } = answered()
  keyring.replace([OTHER])
  keyring.replace([SECRET])
  t.deepEqual(dialing.verify(answer)?.identity, identityAt(2))
})

test('auth - a secret that stays behind another one makes one', (t) => {
  const { keyring, dialing, answer } = answered()
  keyring.replace([OTHER, SECRET])
  t.deepEqual(dialing.verify(answer)?.identity, identityAt(2))
})
