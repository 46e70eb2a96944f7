/** Dials over TLS of a node that has a secret: when a certificate that nobody signed counts. */

import test, { type ExecutionContext } from 'ava'
import { Keyring } from '../../src/auth/key.ts'
import type { DialResult } from '../../src/io/dial.ts'
import { Dialer } from '../../src/io/dialer.ts'
import { LinkProofs } from '../../src/io/link-proofs.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { anIdentity, dialBy, OTHER_ID } from '../helpers/dialer.ts'
import { serverFor } from '../helpers/server.ts'

const KEYRING = new Keyring([`fm1_${'s'.repeat(43)}`])

/** How a server that encrypts proves the secret, if it does, and how whoever dials it asks. */
interface Ends {
  readonly proves?: boolean
  readonly mode?: 'require' | 'accept'
  readonly pinsCertificates?: boolean
}

async function dialed(t: ExecutionContext, { proves = true, ...asks }: Ends): Promise<DialResult> {
  const own = { keyring: KEYRING, identity: anIdentity(OTHER_ID) }
  const proofs = proves ? new LinkProofs(own) : undefined
  const { server, port } = await serverFor(t, { tls: new TlsAcceptor(undefined), proofs })
  await server.listen()
  const identity = anIdentity()
  const dialer = new Dialer({
    identity,
    onNoDescriptors: () => {},
    proofs: new LinkProofs({ keyring: KEYRING, identity, ...asks }),
  })
  return dialBy(t, dialer, { address: `wss://127.0.0.1:${port}` })
}

for (const mode of ['require', 'accept'] as const) {
  test(`dialer with tls - the secret proves the certificate, mode ${mode}`, async (t) => {
    t.like(await dialed(t, { mode }), { kind: 'opened', key: KEYRING.first })
  })
}

test('dialer with tls - nothing else proves a certificate that nobody signed', async (t) => {
  const open = { proves: false } as const
  const failed = (reason: string) => ({ kind: 'failed', reason }) as const
  t.like(await dialed(t, open), failed('has no secret, and this node has one'))
  // Whoever is in between may have removed the offer of a proof.
  t.like(
    await dialed(t, { ...open, mode: 'accept' }),
    failed('has a certificate that no authority has signed, and no proof of the secret'),
  )
  const unpinned = await dialed(t, { pinsCertificates: false })
  t.regex(unpinned.kind === 'failed' ? unpinned.reason : '', /^self-signed certificate/)
})
