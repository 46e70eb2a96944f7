/** The first byte of a connection: it tells TLS from what is not encrypted. */

import type { Socket } from 'node:net'

/** How whoever does not encrypt is told to (RFC 2817 §4.2). */
export const TLS_OFFER = 'TLS/1.3'

/** The type of a record that begins a handshake (RFC 8446 §5.1). */
const HANDSHAKE = 0x16

/** Calls back once something came, with whether it is TLS. What came is still to be read. */
export function whenBegun(tcp: Socket, onBegun: (isTls: boolean) => void): void {
  tcp.once('data', (chunk: Buffer) => {
    tcp.pause()
    tcp.unshift(chunk)
    onBegun(chunk[0] === HANDSHAKE)
  })
}
