/** Plays the cases with a node, which accepts the connections or dials them, over bare TCP. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { ExecutionContext } from 'ava'
import { headersOf } from '../../src/wire/headers.ts'
import { identityAt, meshId } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { CASE_GROUPS, type FrameCase } from './cases.ts'
import { decodeFrame, encodeFrame, type FrameParts, Opcode } from './frame.ts'

/** As many as a node dials at once. */
const CALLS_MAX = 32

/** Long: a busy machine needs time for all of the cases. */
const SETTINGS = { HANDSHAKE_TIMEOUT_MS: '50000' }

/** The last ping of a case. */
const LAST = 'the last ping'

/** A header that nobody needs: an upgrade with it is another one than our nodes send. */
const ODD_HEADER = 'X-Odd: 1'

interface Numbered extends FrameCase {
  readonly name: string
  readonly number: number
}

const CASES: readonly Numbered[] = CASE_GROUPS.flatMap(({ name, cases }) =>
  cases.map((frameCase) => ({ ...frameCase, name: `${name}: ${frameCase.title}` })),
).map((frameCase, index) => ({ ...frameCase, number: index + 1 }))

/** What was received in each case, by its name. */
type Outcomes = Readonly<Record<string, readonly string[]>>

export const EXPECTED: Outcomes = Object.fromEntries(
  CASES.map(({ name, expected }) => [name, expected]),
)

/** Dials the node for each case, as one of our nodes does, or with a header more. */
export async function accepted(
  t: ExecutionContext,
  upgrade: 'as nodes send it' | 'with an odd header',
  runtime: Runtime = NODE,
): Promise<Outcomes> {
  const node = await NodeProcess.start(t, { settings: SETTINGS, runtime })
  const waiting = CASES.values()
  const outcomes: Record<string, readonly string[]> = {}
  const playNext = async (): Promise<void> => {
    for (const frameCase of waiting) {
      const { name, number } = frameCase
      const tcp = connect({ host: '127.0.0.1', port: node.port, noDelay: true })
      t.teardown(() => tcp.destroy())
      const odd = upgrade === 'with an odd header' ? [ODD_HEADER] : []
      // Nobody listens on port 1: the node dials it in vain to see whose address it is.
      const headers = identityHeaders(number, `ws://127.0.0.1:1/${number}`)
      tcp.write([...REQUEST_LINES, ...headers, ...odd, '\r\n'].join('\r\n'))
      outcomes[name] = await played(new Line(tcp, false), frameCase)
      tcp.destroy()
    }
  }
  await Promise.all(Array.from({ length: CALLS_MAX }, playNext))
  assertNoUnhandledErrors(t, [node])
  return outcomes
}

/** Has the node dial for each case, under an address of its own. */
export async function dialed(t: ExecutionContext, runtime: Runtime = NODE): Promise<Outcomes> {
  const port = await freePort(t)
  const outcomes: Record<string, readonly string[]> = {}
  const addressOf = (number: number): string => `ws://127.0.0.1:${port}/${number}`
  const sockets = new Set<Socket>()
  const waiting = new Map(CASES.map((frameCase) => [frameCase.number, frameCase]))
  const server = createServer({ noDelay: true }, async (tcp) => {
    sockets.add(tcp)
    const line = new Line(tcp, true)
    const head = await line.head()
    const frameCase = waiting.get(Number(/^GET \/(\d+) /.exec(head)?.[1]))
    // It is dialed again when its case is over.
    if (frameCase === undefined) {
      tcp.destroy()
      return
    }
    const { name, number } = frameCase
    waiting.delete(number)
    const key = /^Sec-WebSocket-Key: (.*)$/im.exec(head)?.[1] ?? ''
    const accept = `Sec-WebSocket-Accept: ${acceptOf(key)}`
    const headers = identityHeaders(number, addressOf(number))
    tcp.write([...RESPONSE_LINES, accept, ...headers, '\r\n'].join('\r\n'))
    outcomes[name] = await played(line, frameCase)
    tcp.destroy()
  })
  t.teardown(() => {
    server.close()
    for (const tcp of sockets) tcp.destroy()
  })
  await once(server.listen(port, '127.0.0.1'), 'listening')
  const knownPeers = CASES.map(({ number }) => addressOf(number))
  const node = await NodeProcess.start(t, { knownPeers, settings: SETTINGS, runtime })
  await waitUntil(
    () => Object.keys(outcomes).length === CASES.length,
    () => `dials for ${waiting.size} more cases\n${node.output}`,
    50_000,
  )
  assertNoUnhandledErrors(t, [node])
  return outcomes
}

const REQUEST_LINES = [
  'GET / HTTP/1.1',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Host: localhost',
] as const

const RESPONSE_LINES = [
  'HTTP/1.1 101 Switching Protocols',
  'Upgrade: websocket',
  'Connection: Upgrade',
] as const

/** RFC 6455 §4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** Of a node of its own, which can ask for links. */
function identityHeaders(number: number, address: string): readonly string[] {
  const identity = identityAt(number, { address, id: meshId(number), mesh: 'default' })
  return Object.entries(headersOf(identity)).map(([name, value]) => `${name}: ${value}`)
}

/** Sends what the case has, and gives what came. */
async function played(line: Line, frameCase: FrameCase): Promise<readonly string[]> {
  const { steps, chunkBytes, ends, optional } = frameCase
  await line.receives('HANDSHAKE')
  let bytes = Buffer.alloc(0)
  for (const step of steps) {
    if (!('awaits' in step)) bytes = Buffer.concat([bytes, line.bytesOf(step)])
    else {
      await line.send(bytes, chunkBytes)
      bytes = Buffer.alloc(0)
      await line.receives(step.awaits)
    }
  }
  if (ends) {
    await line.send(bytes, chunkBytes)
    line.end()
    await line.receives('ended')
  } else {
    const last = line.bytesOf({ opcode: Opcode.PING, payload: LAST })
    await line.send(Buffer.concat([bytes, last]), chunkBytes)
    await line.receives('open', 'ended')
  }
  return line.received.filter((what) => what !== 'HANDSHAKE' && optional?.test(what) !== true)
}

/** One connection, and what came through it, as cases have it. */
class Line {
  readonly received: string[] = []
  readonly #tcp: Socket
  readonly #isDialedByNode: boolean
  #head = ''
  #bytes: Buffer = Buffer.alloc(0)

  constructor(tcp: Socket, isDialedByNode: boolean) {
    this.#tcp = tcp
    this.#isDialedByNode = isDialedByNode
    tcp.on('data', (chunk) => this.#take(chunk))
    tcp.on('end', () => this.received.push('ended'))
    tcp.on('error', (error) => this.received.push(error.message))
  }

  /** Waits for the request or the response of the upgrade. */
  async head(): Promise<string> {
    await waitUntil(
      () => this.#head !== '' || this.#tcp.closed,
      () => 'an HTTP head',
    )
    return this.#head
  }

  bytesOf(step: FrameParts | Uint8Array): Uint8Array {
    return step instanceof Uint8Array ? step : encodeFrame(step, !this.#isDialedByNode)
  }

  /** @param chunkBytes how many bytes one write has */
  async send(bytes: Buffer, chunkBytes = bytes.length): Promise<void> {
    for (let at = 0; at < bytes.length; at += chunkBytes) {
      this.#tcp.write(bytes.subarray(at, at + chunkBytes))
      if (chunkBytes < bytes.length) await nextTurn()
    }
  }

  end(): void {
    this.#tcp.end()
  }

  /** Waits until one of these was received, or the connection ended. */
  async receives(...wanted: readonly string[]): Promise<void> {
    await waitUntil(
      () => this.#tcp.closed || wanted.some((what) => this.received.includes(what)),
      () => `${wanted.join(' or ')}, received ${JSON.stringify(this.received)}`,
    )
  }

  #take(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk])
    if (this.#head === '') {
      const end = this.#bytes.indexOf('\r\n\r\n')
      if (end === -1) return
      this.#head = this.#bytes.toString('latin1', 0, end)
      this.#bytes = this.#bytes.subarray(end + 4)
    }
    try {
      for (
        let frame = decodeFrame(this.#bytes, this.#isDialedByNode);
        frame !== undefined;
        frame = decodeFrame(this.#bytes, this.#isDialedByNode)
      ) {
        this.#bytes = frame.rest
        this.#takeFrame(frame.opcode, frame.payload)
      }
    } catch (error) {
      this.received.push(String(error))
      this.#tcp.destroy()
    }
  }

  #takeFrame(opcode: number, payload: Buffer): void {
    switch (opcode) {
      case Opcode.TEXT: {
        const { type }: Record<string, unknown> = JSON.parse(String(payload))
        this.received.push(String(type))
        return
      }
      case Opcode.PONG: {
        const what = payload.toString('latin1')
        this.received.push(what === LAST ? 'open' : `pong ${what}`.trimEnd())
        return
      }
      case Opcode.CLOSE: {
        const code = payload.length === 0 ? '' : payload.readUInt16BE(0)
        this.received.push(`close ${code} ${payload.toString('utf8', 2)}`.trimEnd())
        return
      }
      case Opcode.PING:
        // A node asks whether a link is alive when nothing has come for a while.
        return
      default:
        this.received.push(`opcode ${opcode}`)
    }
  }
}
