/**
 * What this runtime says of the certificates of clients, tried on a port of its own before a node
 * depends on it: some runtimes let in whoever has none, or any.
 */

import { createServer, type Socket } from 'node:net'
import { connect } from '../runtime/on-demand.ts'
import { ANY_CERTIFICATE } from './client-tls.ts'
import { type KeyPair, makeSelfSigned } from './self-signed.ts'
import type { TlsAcceptor } from './tls-acceptor.ts'

/** How long one client may take, in ms. Larger: a start that fails takes longer. */
const CLIENT_MS_MAX = 5_000

/** `open`: clients get in that must not; `closed`: not even one with its own certificate. */
export type SelfTest = 'works' | 'open' | 'closed'

/** @param acceptor one that asks for certificates */
export async function selfTest(acceptor: TlsAcceptor): Promise<SelfTest> {
  for (const wrong of [{}, makeSelfSigned(Date.now())]) {
    if (await getsIn(acceptor, wrong)) return 'open'
  }
  const { cert, key } = acceptor.certificate
  return (await getsIn(acceptor, { cert, key })) ? 'works' : 'closed'
}

/** Whether a client with this certificate, or without one, is admitted. */
function getsIn(acceptor: TlsAcceptor, shown: Partial<KeyPair>): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const sockets: Socket[] = []
    const server = createServer((tcp) => {
      const accepted = acceptor.accept(tcp)
      sockets.push(accepted)
      // With TLS 1.3 its certificate comes before the first byte that it sends.
      accepted.once('data', () => {
        end(acceptor.admits(accepted))
      })
    })
    const timer = setTimeout(() => end(false), CLIENT_MS_MAX)
    const end = (isIn: boolean): void => {
      clearTimeout(timer)
      for (const socket of sockets) socket.destroy()
      server.close()
      resolve(isIn)
    }
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const bound = server.address()
      if (bound === null || typeof bound === 'string') return end(false)
      const { address: host, port } = bound
      const options = { host, port, ...shown, ...ANY_CERTIFICATE, servername: '' }
      const client = connect(options).once('secureConnect', () => client.write('x'))
      sockets.push(client.on('error', () => end(false)))
    })
  })
}
