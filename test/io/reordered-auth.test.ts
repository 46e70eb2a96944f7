/** AUTH over sockets that is not the first frame, or comes twice. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import type { WebSocket } from 'ws'
import { Keyring } from '../../src/auth/key.ts'
import { DialerProof } from '../../src/auth/proof.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { call } from '../helpers/caller.ts'
import { identityAt } from '../helpers/core.ts'
import { serverFor } from '../helpers/server.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])
const HANDSHAKE = '{"type":"HANDSHAKE","data":[]}'

/** A server that asks for a proof, and a client that can give one. */
async function offering(t: ExecutionContext) {
  const proofs = new LinkProofs({ keyring: KEYRING, identity: identityAt(2) })
  const links: WebSocket[] = []
  const { server, port } = await serverFor(t, { proofs, onLink: (socket) => links.push(socket) })
  t.teardown(() => {
    for (const link of links) link.terminate()
  })
  await server.listen()
  const address = `ws://127.0.0.1:${port}`
  const proof = new DialerProof({ keyring: KEYRING, identity: identityAt(1) }, address)
  const link = await call(t, address, { headers: { 'Mesh-Auth': proof.offer } })
  return { link, links, auth: proof.answered(link.headers['mesh-auth']) ?? '' }
}

test('unproven - AUTH behind another frame proves nothing', async (t) => {
  const { link, links, auth } = await offering(t)
  link.socket.send(HANDSHAKE)
  link.socket.send(auth)
  t.deepEqual(await link.closed(), { code: 4010, reason: 'wrong secret' })
  t.deepEqual(link.frames, [])
  t.deepEqual(links, [])
})

test('proven - what follows AUTH is read by the link, a second AUTH, too', async (t) => {
  const { link, links, auth } = await offering(t)
  link.socket.send(auth)
  await waitUntil(
    () => links.length === 1,
    () => 'a link',
  )
  const [accepted] = links
  if (accepted === undefined) return t.fail()
  link.socket.send(auth)
  const [text] = await once(accepted, 'message')
  t.is(String(text), auth)
  // It was answered once.
  accepted.send('next')
  await waitUntil(
    () => link.frames.at(-1) === 'next',
    () => `next, got ${link.frames}`,
  )
  t.is(link.frames.length, 2)
})
