/** A node and all kinds of frames, as the acceptor and as the dialer of the connection. */

import test from 'ava'
import { CASE_GROUPS } from './cases.ts'
import { accepted, dialed, EXPECTED } from './players.ts'

test('frames - the cases have names of their own', (t) => {
  const count = CASE_GROUPS.reduce((sum, { cases }) => sum + cases.length, 0)
  t.is(Object.keys(EXPECTED).length, count)
  t.true(count >= 220, `${count} cases`)
})

for (const upgrade of ['as nodes send it', 'with an odd header'] as const) {
  test.serial(`frames - on a connection accepted after an upgrade ${upgrade}`, async (t) => {
    t.deepEqual(await accepted(t, upgrade), EXPECTED)
  })
}

test.serial('frames - on a connection that the node dialed', async (t) => {
  t.deepEqual(await dialed(t), EXPECTED)
})
