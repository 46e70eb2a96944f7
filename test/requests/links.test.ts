/** What a node asks, and the links of the peer: several at a time, forged ones, and none. */

import test from 'ava'
import { Lab } from './lab.ts'

test('links - an answer counts on the link that its request went over', (t) => {
  const lab = new Lab()
  const [a, b, forger] = [lab.start(), lab.start(), lab.start()]
  b.reply = () => undefined
  const link = lab.connect(a, b)
  const forged = 9
  a.ways.set(forged, { to: forger, frames: [] })
  a.input({ kind: 'link-ready', link: forged, peer: b.id, verified: false })
  const id = a.ask(b.id, 1)
  lab.run()
  const text = JSON.stringify({ type: 'RESPONSE', data: { n: 1, json: 'forged' } })
  a.receive(forged, text)
  t.is(a.resultOf(id), undefined)
  a.receive(link, text.replace('forged', 'of b'))
  t.is(a.resultOf(id), 'of b')
})
