/**
 * The bytes of bare-ws.ts on the wire, made on node:net: heads that are prepared, no HTTP parser,
 * no lookup of a host, and nothing loaded that is not used. It reads only what its own kind and
 * bare-ws.ts send.
 */

import { createHash, randomBytes } from 'node:crypto'
import { connect, createServer, type Socket } from 'node:net'
import { dialInOrder, HELLO, PORT } from './dial-order.ts'

/** RFC 6455, section 1.3. */
const ACCEPT_SUFFIX = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

const REQUEST =
  'GET / HTTP/1.1\r\nSec-WebSocket-Version: 13\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n'

const ANSWER =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Accept: '

/** A text frame that ends its message, and the bit of a length that says that it is masked. */
const [TEXT, MASKED] = [0x81, 0x80] as const

const KEY_BYTES = 16
const MASK_BYTES = 4

const PAYLOAD = Buffer.from(HELLO)
const FRAME = `${String.fromCharCode(TEXT, PAYLOAD.length)}${HELLO}`

createServer((socket) => {
  read(socket, (head) => {
    const key = /^Sec-WebSocket-Key: (\S+)/im.exec(head)?.[1] ?? ''
    socket.write(`${ANSWER}${acceptFor(key)}\r\n\r\n${FRAME}`, 'latin1')
  })
}).listen(PORT, () => dialInOrder(dial))

function dial(port: number, onOpen: () => void): void {
  const random = randomBytes(KEY_BYTES + MASK_BYTES)
  const key = random.toString('base64', 0, KEY_BYTES)
  const socket = connect(port, '127.0.0.1')
  socket.write(`${REQUEST}Host: localhost:${port}\r\nSec-WebSocket-Key: ${key}\r\n\r\n`, 'latin1')
  read(socket, (head) => {
    if (!head.includes(acceptFor(key))) throw new Error(`a wrong answer to an upgrade: ${head}`)
    socket.write(maskedFrame(random.subarray(KEY_BYTES)))
    onOpen()
  })
}

/** Reads a head, up to its empty line, and then one frame. */
function read(socket: Socket, onHead: (head: string) => void): void {
  let bytes = Buffer.alloc(0)
  let hasHead = false
  socket.on('data', (chunk) => {
    bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk])
    if (!hasHead) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end === -1) return
      hasHead = true
      onHead(bytes.toString('latin1', 0, end))
      bytes = bytes.subarray(end + 4)
    }
    const payload = payloadOf(bytes)
    if (payload !== undefined) JSON.parse(payload)
  })
  // The other process was killed.
  socket.on('error', () => {})
}

/** Undefined until all of the frame has been received. */
function payloadOf(frame: Buffer): string | undefined {
  const second = frame[1] ?? 0
  const isMasked = second >= MASKED
  const start = 2 + (isMasked ? MASK_BYTES : 0)
  const end = start + (isMasked ? second - MASKED : second)
  if (frame.length < Math.max(end, start + 1)) return undefined
  const payload = frame.subarray(start, end)
  if (isMasked) mask(payload, frame.subarray(2, start))
  return payload.toString('latin1')
}

function maskedFrame(key: Buffer): Buffer {
  const frame = Buffer.concat([Buffer.from([TEXT, MASKED + PAYLOAD.length]), key, PAYLOAD])
  mask(frame.subarray(2 + MASK_BYTES), key)
  return frame
}

/** Masks the payload, or takes its mask away (RFC 6455, section 5.3). */
function mask(payload: Buffer, key: Buffer): void {
  for (const [index, byte] of payload.entries()) {
    payload[index] = byte ^ (key[index % MASK_BYTES] ?? 0)
  }
}

function acceptFor(key: string): string {
  return createHash('sha1').update(`${key}${ACCEPT_SUFFIX}`).digest('base64')
}
