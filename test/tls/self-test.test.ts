/** The certificates of clients: what is told from what, and a runtime that does not tell. */

import test from 'ava'
import { readCertificate } from '../../src/tls/certificate.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { selfTest } from '../../src/tls/self-test.ts'
import { TlsDoor } from '../../src/tls/tls-door.ts'
import { AUTHORITY, FIRST, SERVER_ONLY } from '../helpers/authority.ts'

function doorWith(pair: { readonly cert: string; readonly key: string }, ca = AUTHORITY): TlsDoor {
  const read = readCertificate({ ...pair, ca })
  if (read.kind === 'rejected') throw new Error(read.problem)
  return new TlsDoor(read.certificate)
}

test('self-test - a certificate that the authority has signed gets in, others do not', async (t) => {
  t.is(await selfTest(doorWith(FIRST)), 'works')
})

test('self-test - what peers would refuse is found', async (t) => {
  const own = makeSelfSigned(Date.now())
  t.is(await selfTest(doorWith(own)), 'closed', 'signed by nobody')
  t.is(await selfTest(doorWith(FIRST, own.cert)), 'closed', 'signed by another authority')
  t.is(await selfTest(doorWith(SERVER_ONLY)), 'closed', 'not for clients')
})

test('self-test - a runtime that lets anybody in is found', async (t) => {
  class OpenDoor extends TlsDoor {
    override admits(): boolean {
      return true
    }
  }
  t.is(await selfTest(new OpenDoor(doorWith(FIRST).certificate)), 'open')
})

test('self-test - a runtime that lets in any certificate is found', async (t) => {
  let clients = 0
  class ForeignDoor extends TlsDoor {
    override admits(): boolean {
      clients += 1
      return clients > 1
    }
  }
  t.is(await selfTest(new ForeignDoor(doorWith(FIRST).certificate)), 'open')
})

test('tls door - another certificate keeps the authorities, or brings others', (t) => {
  const door = doorWith(FIRST)
  const other = makeSelfSigned(Date.now()).cert
  door.replace(doorWith(SERVER_ONLY, other).certificate)
  t.is(door.certificate.ca, other)
  const read = readCertificate(FIRST)
  if (read.kind === 'rejected') return t.fail(read.problem)
  door.replace(read.certificate)
  t.like(door.certificate, { cert: FIRST.cert, ca: other })
})
