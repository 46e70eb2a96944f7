/** The certificates of clients: what is told from what, and a runtime that does not tell. */

import test from 'ava'
import { readCertificate } from '../../src/tls/certificate.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { selfTest } from '../../src/tls/self-test.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { AUTHORITY, FIRST, SERVER_ONLY } from '../helpers/authority.ts'

function acceptorWith(
  pair: { readonly cert: string; readonly key: string },
  ca = AUTHORITY,
): TlsAcceptor {
  const read = readCertificate({ ...pair, ca })
  if (read.kind === 'rejected') throw new Error(read.problem)
  return new TlsAcceptor(read.certificate)
}

test('self-test - a certificate that the authority has signed gets in, others do not', async (t) => {
  t.is(await selfTest(acceptorWith(FIRST)), 'works')
})

test('self-test - what peers would refuse is found', async (t) => {
  const own = makeSelfSigned(Date.now())
  t.is(await selfTest(acceptorWith(own)), 'closed', 'signed by nobody')
  t.is(await selfTest(acceptorWith(FIRST, own.cert)), 'closed', 'signed by another authority')
  t.is(await selfTest(acceptorWith(SERVER_ONLY)), 'closed', 'not for clients')
})

test('self-test - a runtime that lets anybody in is found', async (t) => {
  class OpenAcceptor extends TlsAcceptor {
    override admits(): boolean {
      return true
    }
  }
  t.is(await selfTest(new OpenAcceptor(acceptorWith(FIRST).certificate)), 'open')
})

test('self-test - a runtime that lets in any certificate is found', async (t) => {
  let clients = 0
  class ForeignAcceptor extends TlsAcceptor {
    override admits(): boolean {
      clients += 1
      return clients > 1
    }
  }
  t.is(await selfTest(new ForeignAcceptor(acceptorWith(FIRST).certificate)), 'open')
})

test('tls acceptor - another certificate keeps the authorities, or brings others', (t) => {
  const acceptor = acceptorWith(FIRST)
  const other = makeSelfSigned(Date.now()).cert
  acceptor.replace(acceptorWith(SERVER_ONLY, other).certificate)
  t.is(acceptor.certificate.ca, other)
  const read = readCertificate(FIRST)
  if (read.kind === 'rejected') return t.fail(read.problem)
  acceptor.replace(read.certificate)
  t.like(acceptor.certificate, { cert: FIRST.cert, ca: other })
})
