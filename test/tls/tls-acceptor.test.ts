/** The certificate that a node makes, and the TLS with which it accepts connections. */

import { X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { hashOf, readCertificate } from '../../src/tls/certificate.ts'
import { peerHash } from '../../src/tls/peer-certificate.ts'
import { makeSelfSigned, VALID_MS } from '../../src/tls/self-signed.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const NOW_MS = Date.parse('2026-11-29T12:00:00Z')

test('self-signed - is a certificate of a new key, signed with it, for 30 days', (t) => {
  const { cert, key } = makeSelfSigned(NOW_MS)
  const certificate = new X509Certificate(cert)
  t.true(certificate.verify(certificate.publicKey))
  t.true(certificate.checkIssued(certificate))
  t.is(certificate.publicKey.asymmetricKeyDetails?.namedCurve, 'prime256v1')
  t.is(Date.parse(certificate.validFrom), NOW_MS - DAY_MS)
  t.is(Date.parse(certificate.validTo), NOW_MS + 30 * DAY_MS)
  t.regex(key, /^-----BEGIN PRIVATE KEY-----\n/)
  t.not(makeSelfSigned(NOW_MS).key, key)
})

test('self-signed - has nothing of the node in it', (t) => {
  const { subject, issuer, subjectAltName } = new X509Certificate(makeSelfSigned(NOW_MS).cert)
  t.deepEqual([subject, issuer, subjectAltName], ['CN=fullmesh', 'CN=fullmesh', undefined])
})

test('certificate - is read with its hash and its end, the leaf of a chain', (t) => {
  const leaf = makeSelfSigned(NOW_MS)
  const { raw } = new X509Certificate(leaf.cert)
  const cert = `${leaf.cert}${makeSelfSigned(NOW_MS).cert}`
  t.deepEqual(readCertificate({ ...leaf, cert }), {
    kind: 'certificate',
    certificate: { cert, key: leaf.key, hash: hashOf(raw), expiresMs: NOW_MS + VALID_MS },
  })
})

test('certificate - what does not fit is rejected with a reason', (t) => {
  const { cert, key } = makeSelfSigned(NOW_MS)
  const other = makeSelfSigned(NOW_MS)
  const reject = (pair: { cert: string; key: string }, problem: string) =>
    t.deepEqual(readCertificate(pair), { kind: 'rejected', problem })
  reject({ cert, key: other.key }, 'do not fit: the key is that of another certificate')
  reject({ cert, key: cert }, 'have no private key as PEM without a password')
  reject({ cert: key, key }, 'have no certificate as PEM (-----BEGIN CERTIFICATE-----)')
  // As an editor or a renewal leaves it for a moment.
  const half = other.cert.slice(0, other.cert.length / 2)
  reject({ cert: `${cert}${half}`, key }, 'cannot be used: bad end line')
  reject({ cert: '', key: '' }, 'have no certificate as PEM (-----BEGIN CERTIFICATE-----)')
})

test('tls acceptor - speaks TLS 1.3 only, and resumes no session', async (t) => {
  const { port } = await listening(t, new TlsAcceptor(undefined))
  t.regex(await refused({ port, maxVersion: 'TLSv1.2' }), /PROTOCOL_VERSION|ECONNRESET/)
  const first = await connected(t, { port })
  t.is(first.getProtocol(), 'TLSv1.3')
  let session: Buffer | undefined
  first.on('session', (ticket) => {
    session = ticket
  })
  // What the server says first comes after its tickets.
  t.is(String(await once(first, 'data')), 'welcome')
  const second = await connected(t, { port, session })
  t.false(second.isSessionReused())
})

test('tls acceptor - renews its certificate when a third of its time is left', (t) => {
  let nowMs = NOW_MS
  const acceptor = new TlsAcceptor(undefined, () => nowMs)
  const { hash } = acceptor.certificate
  nowMs += 20 * DAY_MS - 1
  t.is(acceptor.certificate.hash, hash)
  nowMs += 1
  t.not(acceptor.certificate.hash, hash)
  t.is(acceptor.certificate.expiresMs, nowMs + VALID_MS)
})

test('tls acceptor - a connection keeps the certificate with which it was accepted', async (t) => {
  let nowMs = NOW_MS
  const { port, acceptor, accepted } = await listening(t, new TlsAcceptor(undefined, () => nowMs))
  const first = await connected(t, { port })
  nowMs += VALID_MS
  const second = await connected(t, { port })
  const hashes = accepted.map((socket) => acceptor.hashFor(socket))
  t.deepEqual(hashes, [peerHash(first), peerHash(second)])
  t.not(hashes[0], hashes[1])
})

test('tls acceptor - does not renew the certificate of an operator, and takes another one', (t) => {
  let nowMs = NOW_MS
  const given = certificateAt(NOW_MS)
  const acceptor = new TlsAcceptor(given, () => nowMs)
  nowMs += 2 * VALID_MS
  t.is(acceptor.certificate.hash, given.hash)
  const next = certificateAt(nowMs)
  acceptor.replace(next)
  t.is(acceptor.certificate.hash, next.hash)
})

test('tls acceptor - a client that ends its connection in the handshake ends nothing else', async (t) => {
  const { port, accepted } = await listening(t, new TlsAcceptor(undefined))
  const { connect: connectTcp } = await import('node:net')
  const broken = connectTcp(port, '127.0.0.1')
  broken.write('GET / HTTP/1.1\r\n\r\n')
  broken.on('error', () => {})
  await once(broken, 'close')
  const reset = connectTcp(port, '127.0.0.1')
  await once(reset, 'connect')
  reset.resetAndDestroy()
  t.is((await connected(t, { port })).getProtocol(), 'TLSv1.3')
  t.is(accepted.length, 3)
})

function certificateAt(nowMs: number) {
  const read = readCertificate(makeSelfSigned(nowMs))
  if (read.kind === 'rejected') throw new Error(read.problem)
  return read.certificate
}

/** A server that greets whoever has done the handshake. */
async function listening(t: ExecutionContext, acceptor: TlsAcceptor) {
  const accepted: TLSSocket[] = []
  const server = createServer((tcp) => {
    const socket = acceptor.accept(tcp)
    accepted.push(socket)
    socket.write('welcome')
  })
  t.teardown(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, acceptor, accepted }
}

async function connected(t: ExecutionContext, options: ConnectionOptions): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options })
  t.teardown(() => socket.destroy())
  await once(socket, 'secureConnect')
  return socket
}

/** The code of the error with which a handshake ends. */
function refused(options: ConnectionOptions): Promise<string> {
  const socket = connect({ host: '127.0.0.1', rejectUnauthorized: false, ...options })
  return new Promise((resolve, reject) => {
    socket.once('secureConnect', () => reject(new Error('the handshake was done')))
    socket.once('error', (error) => resolve('code' in error ? String(error.code) : error.message))
  })
}
