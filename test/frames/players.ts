/** Plays the cases with a node, which accepts the connections or dials them, over bare TCP. */

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { ExecutionContext } from 'ava'
import { headersOf } from '../../src/wire/headers.ts'
import { identityAt, meshId } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { CASE_GROUPS, type FrameCase } from './cases.ts'
import { FrameConnection, LAST } from './connection.ts'
import { Opcode } from './frame.ts'

/** As many as a node dials at once. */
const CALLS_MAX = 32

/** Long: a busy machine needs time for all of the cases. */
const SETTINGS = { HANDSHAKE_TIMEOUT_MS: '50000' }

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
      const { name, number, requests } = frameCase
      const tcp = connect({ host: '127.0.0.1', port: node.port, noDelay: true })
      t.teardown(() => tcp.destroy())
      const odd = upgrade === 'with an odd header' ? [ODD_HEADER] : []
      // Nobody listens on port 1: the node dials it in vain to see whose address it is.
      const headers = identityHeaders(number, `ws://127.0.0.1:1/${number}`, requests)
      tcp.write([...REQUEST_LINES, ...headers, ...odd, '\r\n'].join('\r\n'))
      outcomes[name] = await played(new FrameConnection(tcp, false), frameCase)
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
    const connection = new FrameConnection(tcp, true)
    const head = await connection.head()
    const frameCase = waiting.get(Number(/^GET \/(\d+) /.exec(head)?.[1]))
    // It is dialed again when its case is over.
    if (frameCase === undefined) {
      tcp.destroy()
      return
    }
    const { name, number, requests } = frameCase
    waiting.delete(number)
    const key = /^Sec-WebSocket-Key: (.*)$/im.exec(head)?.[1] ?? ''
    const accept = `Sec-WebSocket-Accept: ${acceptOf(key)}`
    const headers = identityHeaders(number, addressOf(number), requests)
    tcp.write([...RESPONSE_LINES, accept, ...headers, '\r\n'].join('\r\n'))
    outcomes[name] = await played(connection, frameCase)
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
function identityHeaders(number: number, address: string, requests = false): readonly string[] {
  const carries = requests ? ({ messages: true, requests: true } as const) : {}
  const identity = identityAt(number, { address, id: meshId(number), mesh: 'default', ...carries })
  return Object.entries(headersOf(identity)).map(([name, value]) => `${name}: ${value}`)
}

/** Sends what the case has, and gives what came. */
async function played(
  connection: FrameConnection,
  frameCase: FrameCase,
): Promise<readonly string[]> {
  const { steps, chunkBytes, ends, optional } = frameCase
  await connection.receives('HANDSHAKE')
  let bytes = Buffer.alloc(0)
  for (const step of steps) {
    if (!('awaits' in step)) bytes = Buffer.concat([bytes, connection.bytesOf(step)])
    else {
      await connection.send(bytes, chunkBytes)
      bytes = Buffer.alloc(0)
      await connection.receives(step.awaits)
    }
  }
  if (ends) {
    await connection.send(bytes, chunkBytes)
    connection.end()
    await connection.receives('ended')
  } else {
    const last = connection.bytesOf({ opcode: Opcode.PING, payload: LAST })
    await connection.send(Buffer.concat([bytes, last]), chunkBytes)
    await connection.receives('open', 'ended')
  }
  return connection.received.filter((what) => what !== 'HANDSHAKE' && optional?.test(what) !== true)
}
