/**
 * A stranger who comes and goes ten thousand times leaves nothing behind: no memory, no descriptor.
 */

import { randomBytes } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { UPGRADE_REQUEST } from '../helpers/caller.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Until tables are as full as they get, code is compiled, and the heap has its size. */
const WARM_UP_VISITS = 6_000
const VISITS = 10_000

/** All visits on a machine that is fifteen times as slow as usual, in ms: 20 s. */
const TEST_MS_MAX = 300_000

/** Clients at a time. */
const CLIENTS = 16

/** A leak of 1 KiB a visit would be 10,000; without one it is below 3,100. */
const GROWTH_KIB_MAX = 5_000

/**
 * A node whose memory can be read off: garbage is collected on demand, and what is free goes back
 * to the system.
 */
const PROBED_NODE: Runtime = [
  ...NODE,
  '--expose-gc',
  '--max-semi-space-size=1',
  '--single-threaded-gc',
  '--import',
  join(REPOSITORY, 'test/helpers/memory-probe.mjs'),
]
const MALLOC = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536' }

test('memory - of a node is what it was after 10,000 visits of a hostile client', async (t) => {
  t.timeout(TEST_MS_MAX)
  const friend = await NodeProcess.start(t, { settings: QUICK_TIMINGS })
  const knownPeers = [friend.address]
  const options = { knownPeers, settings: QUICK_TIMINGS, runtime: PROBED_NODE }
  const node = await NodeProcess.create(t, options)
  await node.start({ env: MALLOC })
  await friend.reported('peer-joined', { connected: 1 })
  const descriptors = descriptorsOf(node)
  /** When it has dropped the client, and dialed and forgotten what the client named. */
  const settledKib = async (): Promise<number> => {
    await waitUntil(
      () => descriptorsOf(node) === descriptors,
      () => `${descriptors} descriptors, got ${descriptorsOf(node)}`,
    )
    return residentKibOf(node)
  }

  await visit(node.port, WARM_UP_VISITS)
  const residentBefore = await settledKib()
  await visit(node.port, VISITS)
  const growth = (await settledKib()) - residentBefore

  t.log(
    `${residentBefore} KiB after ${WARM_UP_VISITS} visits, ${growth} KiB more after ${VISITS} more`,
  )
  t.true(growth < GROWTH_KIB_MAX)
  t.deepEqual(friend.eventsOf('peer-left'), [])
  assertNoUnhandledErrors(t, [node, friend])
})

// --- The client ----------------------------------------------------------------------------------

/** What the client sends. */
const GREETINGS: readonly (() => string | Buffer)[] = [
  () => '',
  () => UPGRADE_REQUEST.slice(0, 60),
  () => 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n',
  () => UPGRADE_REQUEST,
  () => withHeaders(identity()),
  () => Buffer.concat([Buffer.from(UPGRADE_REQUEST), textFrame('rubbish')]),
  () => Buffer.concat([Buffer.from(UPGRADE_REQUEST), textFrame(handshake(newAddress()))]),
  () => Buffer.concat([Buffer.from(withHeaders(identity())), textFrame(handshake('rubbish'))]),
]

async function visit(port: number, count: number): Promise<void> {
  let left = count
  const client = async (): Promise<void> => {
    for (; left > 0; left -= 1) await visitOnce(port, GREETINGS[left % GREETINGS.length]?.() ?? '')
  }
  await Promise.all(Array.from({ length: CLIENTS }, client))
}

/**
 * Connects, sends these bytes, and drops the connection as soon as it is answered, or at once if it
 * cannot be.
 */
function visitOnce(port: number, bytes: string | Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port })
    socket.on('error', () => {})
    socket.once('close', () => resolve())
    socket.once('data', () => socket.resetAndDestroy())
    socket.once('connect', () => {
      if (bytes.length > 60) socket.write(bytes)
      else socket.end(bytes, () => socket.destroy())
    })
  })
}

function identity(): readonly string[] {
  const id = randomBytes(16).toString('hex')
  const address = newAddress()
  return ['Mesh-Version: 1', 'Mesh-Name: default', `Mesh-Id: ${id}`, `Mesh-Address: ${address}`]
}

function withHeaders(headers: readonly string[]): string {
  return UPGRADE_REQUEST.replace(/\r\n$/, `${headers.join('\r\n')}\r\n\r\n`)
}

let addresses = 0

/** An address on this machine where nobody listens. */
function newAddress(): string {
  addresses += 1
  return `ws://127.77.${addresses >> 8}.${addresses & 0xff}:1`
}

function handshake(...data: readonly string[]): string {
  return JSON.stringify({ type: 'HANDSHAKE', data })
}

/**
 * A masked text frame (RFC 6455 §5.2) of less than 126 bytes. A mask of zeros leaves the bytes as
 * they are.
 */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text)
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length, 0, 0, 0, 0]), payload])
}

// --- The node, from outside ----------------------------------------------------------------------

/** What the kernel holds in memory for it once its garbage is collected. */
async function residentKibOf(node: NodeProcess): Promise<number> {
  const readings = (): readonly string[] => node.lines.filter((line) => /^resident: /.test(line))
  const before = readings().length
  node.signal('SIGUSR2')
  await waitUntil(
    () => readings().length > before,
    () => `a reading\n${node.output}`,
  )
  return Number(/\d+/.exec(readings().at(-1) ?? ''))
}

function descriptorsOf({ pid }: NodeProcess): number {
  return readdirSync(`/proc/${pid}/fd`).length
}
