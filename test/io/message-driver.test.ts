/** The driver of messages with sockets that a test plays. */

import { once } from 'node:events'
import { connect, createServer, type Socket as Tcp } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { FRAMES_PER_TURN_MAX, SUSPENDED_MS_MIN } from '../../src/io/limits.ts'
import { MessageDriver } from '../../src/io/message-driver.ts'
import { encodeItem } from '../../src/pubsub/item.ts'
import { JOINED_BYTES_MAX, LOG_AGE_MS_MAX, TURN_BYTES_MAX } from '../../src/pubsub/limits.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FEED = '0'.repeat(32)
const PEER = 'f'.repeat(32)

/** The socket of a link. */
interface Socket {
  readonly frames: string[]
  /** Whether its kernel has room. */
  takes: boolean
  readonly untaken: (() => void)[]
}

function drive(
  t: ExecutionContext,
  links: number,
  logAgeMs = LOG_AGE_MS_MAX,
  onChanged: (pubsub: PubSub) => void = () => {},
) {
  const pubsub = new PubSub({
    feed: FEED,
    nowMs: monotonicMs(),
    random: () => 0,
    takesRelayed: true,
    logAgeMs,
  })
  const sockets: Socket[] = Array.from({ length: links }, () => {
    return { frames: [], takes: true, untaken: [] }
  })
  const socketOf = (link: number): Socket => {
    const socket = sockets[link]
    if (socket === undefined) throw new Error('no such link')
    return socket
  }
  const driver = new MessageDriver(
    pubsub,
    {
      send(link, text, onTaken) {
        const socket = socketOf(link)
        socket.frames.push(text)
        if (socket.takes) process.nextTick(onTaken)
        else socket.untaken.push(onTaken)
      },
      unsentBytes: (link) => (socketOf(link).untaken.length > 0 ? 1 : 0),
    },
    () => onChanged(pubsub),
  )
  for (const link of sockets.keys()) {
    driver.handle({ kind: 'link-ready', link, peer: PEER, verified: true })
  }
  // FEED, with which a link begins.
  for (const { frames } of sockets) frames.splice(0)
  t.teardown(() => {
    for (const link of sockets.keys()) driver.linkGone(link)
  })
  const take = (link: number): void => {
    for (const onTaken of socketOf(link).untaken.splice(0)) onTaken()
  }
  return { driver, pubsub, sockets, take }
}

function item(bytes: number) {
  return encodeItem('a', 'json', `"${'x'.repeat(bytes - 3)}"`)
}

const framesOf = (socket: Socket | undefined): number => socket?.frames.length ?? 0

test('message driver - what the mesh sends is behind one frame of messages at most', async (t) => {
  const { driver, sockets, take } = drive(t, 2)
  const [slow, fast] = sockets
  if (slow !== undefined) slow.takes = false
  for (let n = 1; n <= 6; n += 1) {
    driver.publish(item(n % 2 === 0 ? JOINED_BYTES_MAX : 100))
    await waitUntil(
      () => framesOf(fast) === n,
      () => `${framesOf(fast)} frames`,
    )
    t.is(framesOf(slow), 1)
  }
  // It gets the next one when its socket has taken the last, and not before.
  take(0)
  t.is(framesOf(slow), 2)
  take(0)
  t.is(framesOf(slow), 3)
  t.is(framesOf(fast), 6)
})

test('message driver - a link that catches up gets frames as fast as it takes them, in turns', async (t) => {
  const { driver, sockets, take } = drive(t, 1)
  const [socket] = sockets
  if (socket === undefined) return t.fail()
  socket.takes = false
  const count = 3 * FRAMES_PER_TURN_MAX
  for (let n = 0; n < count; n += 1) driver.publish(item(JOINED_BYTES_MAX - 10))
  await waitUntil(
    () => framesOf(socket) === 1,
    () => `${framesOf(socket)} frames`,
  )
  socket.takes = true
  take(0)
  t.true(framesOf(socket) <= 1 + FRAMES_PER_TURN_MAX)
  await waitUntil(
    () => framesOf(socket) === count,
    () => `${framesOf(socket)} of ${count} frames`,
  )
  t.pass()
})

test('message driver - flush waits for what was published before, and not for what comes later', async (t) => {
  const { driver, pubsub, sockets, take } = drive(t, 1)
  const [socket] = sockets
  if (socket === undefined) return t.fail()
  await driver.flush()
  socket.takes = false
  driver.publish(item(100))
  let isFlushed = false
  const flushed = driver.flush().then(() => {
    isFlushed = true
  })
  driver.publish(item(200))
  await waitUntil(
    () => !pubsub.isTurnOpen,
    () => 'the turn does not end',
  )
  t.is(framesOf(socket), 1)
  t.false(isFlushed)
  // The second one is on its way now, and stays there.
  take(0)
  t.is(framesOf(socket), 2)
  await flushed
  t.is(socket.untaken.length, 1)
})

test('message driver - a loop that publishes without end takes no more memory than the log', (t) => {
  const { driver, pubsub, sockets } = drive(t, 1)
  const [socket] = sockets
  if (socket !== undefined) socket.takes = false
  for (let bytes = 0; bytes < 20 * TURN_BYTES_MAX; bytes += 10_000) driver.publish(item(10_000))
  t.true(pubsub.logBytes > 15 * TURN_BYTES_MAX && pubsub.logBytes <= 16 * TURN_BYTES_MAX)
  t.is(framesOf(socket), 1)
})

test.serial('message driver - a machine that was suspended ran for that time, too', (t) => {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  const { driver, sockets } = drive(t, 1)
  const wantedMs = (): number => {
    const feed = PEER
    const message = { type: 'FEED', data: { feed, first: 1, next: 2 } } as const
    driver.linkGone(0)
    driver.handle({ kind: 'link-ready', link: 0, peer: PEER, verified: true })
    driver.handle({ kind: 'message-received', link: 0, message, text: '' })
    return JSON.parse(sockets[0]?.frames.at(-1) ?? '').data.withinMs
  }
  const awakeMs = wantedMs()
  Date.now = () => now() + 3_600_000
  const sleptMs = wantedMs() - awakeMs
  t.true(sleptMs >= 3_600_000 && sleptMs < 3_610_000, `${sleptMs}`)
  Date.now = () => now() + SUSPENDED_MS_MIN / 2
  const correctedMs = wantedMs() - awakeMs
  t.true(correctedMs < 3_600_000 / 2)
  // A clock that was set back does not make it younger than the monotonic one says.
  Date.now = () => now() - 3_600_000
  t.true(wantedMs() >= awakeMs)
})

test('message driver - what came is kept decoded until subscriptions that wait have read it, and no longer', async (t) => {
  const reads: boolean[] = []
  let reading = Promise.resolve()
  const { driver, pubsub } = drive(t, 1, LOG_AGE_MS_MAX, (core) => {
    // As one reads that waits for a promise.
    reading = Promise.resolve().then(() => void reads.push(core.isTurnOpen))
  })
  const [topic, values] = ['a', ['x']]
  const runs = [{ topic, ageMs: 0, bodies: { kind: 'json', values } }] as const
  const data = { feed: PEER, from: 1, heldMs: 0, runs }
  const message = { type: 'EVENTS', data } as const
  let hasTurn = false
  setImmediate(() => {
    hasTurn = true
  })
  driver.handle({ kind: 'message-received', link: 0, message, text: JSON.stringify(message) })
  t.true(pubsub.isTurnOpen)
  await reading
  t.is(reads.at(-1), true)
  await Promise.resolve()
  t.false(pubsub.isTurnOpen)
  t.false(hasTurn)
})

test.serial(
  'message driver - after a freeze what came is read before a deadline counts',
  async (t) => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') return t.fail()
    const accepted: Promise<Tcp[]> = once(server, 'connection')
    const near = connect(address.port, '127.0.0.1')
    const [far] = await accepted
    t.teardown(() => {
      near.destroy()
      far?.destroy()
      server.close()
    })
    const { driver, pubsub } = drive(t, 1, 1_000)
    driver.publish(item(100))
    await waitUntil(
      () => !pubsub.isTurnOpen && pubsub.logBytes > 0,
      () => 'the turn does not end',
    )
    const read = new Promise<number>((resolve) => {
      near.once('data', () => resolve(pubsub.logBytes))
    })
    // From here the loop goes to its timers, and then to its sockets.
    setImmediate(() => {
      far?.write('x')
      const untilMs = monotonicMs() + 1_200
      while (monotonicMs() < untilMs) {}
    })
    t.true((await read) > 0, 'the log had expired')
    await waitUntil(
      () => pubsub.logBytes === 0,
      () => 'it does not expire',
    )
  },
)
