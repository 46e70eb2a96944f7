/** The driver with a core that does what a test tells it, and with real sockets. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { Driver, type DriverOptions } from '../../src/io/driver.ts'
import { Server } from '../../src/io/server.ts'
import type { Input } from '../../src/mesh/inputs.ts'
import { BACKLOG_BYTES_MAX, CLOSE_TIMEOUT_MS, FREEZE_MS } from '../../src/mesh/limits.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import { call, RawCall, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { at, identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A core that writes down what it is told, and orders what a test wants. */
class FakeCore {
  readonly inputs: Input[] = []
  wakeAtMs: number | undefined
  onInput: (input: Input) => readonly Output[] = () => []

  handle(input: Input): readonly Output[] {
    this.inputs.push(input)
    if (input.kind === 'deadline') this.wakeAtMs = undefined
    return this.onInput(input)
  }

  deadlineMs(): number | undefined {
    return this.wakeAtMs
  }

  get kinds(): readonly string[] {
    return this.inputs.map(({ kind }) => kind)
  }

  async told<Kind extends Input['kind']>(kind: Kind): Promise<Extract<Input, { kind: Kind }>> {
    const find = () =>
      this.inputs.find((input): input is Extract<Input, { kind: Kind }> => input.kind === kind)
    await waitUntil(
      () => find() !== undefined,
      () => `${kind}, got ${this.kinds}`,
    )
    const input = find()
    if (input === undefined) throw new Error('unreachable')
    return input
  }
}

const DIAL: Output = { kind: 'dial', address: at(1), policy: 'operator', timeoutMs: 5_000 }
const CLOSE: Output = { kind: 'close', link: 1, frame: { code: 4999, reason: 'go' } }

/** A driver whose server is at `address`. The first socket that it accepts is link 1. */
async function drive(t: ExecutionContext, options: Partial<DriverOptions> = {}) {
  const core = new FakeCore()
  const port = await freePort(t)
  const driver = new Driver({
    mesh: core,
    dialer: { dial: () => {} },
    onEvent: () => {},
    ...options,
  })
  const server = new Server({
    isForeignOrigin: () => false,
    identity: identityAt(port),
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs: 60_000,
    onLink: (socket, remote, identity) => {
      t.teardown(() => socket.terminate())
      driver.accept(socket, remote, identity)
    },
    onNoDescriptors: () => {},
    onCrowded: () => {},
  })
  t.teardown(() => server.close())
  await server.listen()
  return { core, driver, port, address: `ws://127.0.0.1:${port}` }
}

/** A peer that became a WebSocket, and from then on does only what a test makes it do. */
async function rawPeer(t: ExecutionContext, port: number): Promise<RawCall> {
  const peer = await RawCall.open(t, port, UPGRADE_REQUEST)
  await waitUntil(
    () => peer.received.includes('\r\n\r\n'),
    () => `an upgrade, got ${peer.received}`,
  )
  return peer
}

test('driver - carries out all orders of a fact before it tells the next', async (t) => {
  const seen: string[] = []
  const { core, driver } = await drive(t, {
    dialer: {
      dial: (_order, onResult) => onResult({ kind: 'failed', failure: 'refused', reason: 'no' }),
    },
    onEvent: (event) => seen.push(event.kind),
  })
  core.onInput = ({ kind }) => {
    seen.push(kind)
    if (kind !== 'started') return []
    const event = { kind: 'self-found', address: at(1) } as const
    return [DIAL, { kind: 'report', event }]
  }
  driver.start()
  t.deepEqual(seen, ['started', 'self-found', 'dial-failed'])
})

test('driver - a link that the core closed is not told to be closed, another one is', async (t) => {
  const { core, address } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'frame-received' ? [CLOSE] : [])
  const first = await call(t, address)
  const second = await call(t, address)
  first.socket.send('x')
  t.deepEqual(await first.closed(), { code: 4999, reason: 'go' })
  second.socket.close(4000, 'bye')
  t.deepEqual(await core.told('link-closed'), {
    kind: 'link-closed',
    link: 2,
    code: 4000,
    reason: 'bye',
  })
  t.is(core.kinds.filter((kind) => kind === 'link-closed').length, 1)
})

test('driver - drops a peer that does not answer a close frame in time', async (t) => {
  const { core, port } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'link-accepted' ? [CLOSE] : [])
  const startMs = performance.now()
  const mute = await rawPeer(t, port)
  await waitUntil(
    () => mute.isClosed,
    () => 'the end of the connection',
  )
  const tookMs = performance.now() - startMs
  t.true(tookMs > 0.9 * CLOSE_TIMEOUT_MS && tookMs < 10 * CLOSE_TIMEOUT_MS, `${tookMs} ms`)
})

test('driver - tells who counts what goes over the links, and how dials end', async (t) => {
  const seen: unknown[][] = []
  const { core, driver, address, port } = await drive(t, {
    dialer: {
      dial: (_order, onResult) => {
        onResult({ kind: 'failed', failure: 'refused', reason: 'no' })
      },
    },
    traffic: {
      dialEnded: (...facts) => seen.push(['dial', ...facts]),
      frameSent: (...facts) => seen.push(['sent', ...facts]),
      frameReceived: (...facts) => seen.push(['received', ...facts]),
      linkClosed: (...facts) => seen.push(['closed', ...facts]),
      pinged: (...facts) => seen.push(['pinged', ...facts]),
      ponged: (...facts) => seen.push(['ponged', ...facts]),
      timerFired: (lateMs) => seen.push(['timer', lateMs >= 1_000]),
    },
  })
  core.onInput = (input) => {
    if (input.kind === 'started') return [DIAL]
    if (input.kind === 'pong-received') return [CLOSE]
    if (input.kind !== 'link-accepted' || input.link !== 1) return []
    return [
      { kind: 'send', link: 1, text: 'hello' },
      { kind: 'ping', link: 1 },
    ]
  }
  const sees = async (...facts: readonly unknown[]): Promise<void> => {
    const found = (): boolean => seen.some((one) => JSON.stringify(one) === JSON.stringify(facts))
    await waitUntil(found, () => `${facts}, saw ${JSON.stringify(seen)}`)
  }
  core.wakeAtMs = monotonicMs() - 1_000
  driver.start()
  await sees('timer', true)
  const first = await call(t, address)
  await first.closed()
  const second = await call(t, address)
  second.socket.send('\u00e9')
  second.socket.send(Uint8Array.of(1, 2, 3))
  second.socket.close(4000)
  await sees('closed', 2, 'peer', 4000)
  const third = await rawPeer(t, port)
  third.socket.resetAndDestroy()
  await sees('closed', 3, 'network', 1006)
  t.deepEqual(seen, [
    ['dial', 'refused'],
    ['timer', true],
    ['sent', 'hello'],
    ['pinged', 1],
    ['ponged', 1],
    ['closed', 1, 'us', 4999],
    ['received', 2, '\u00e9'],
    ['received', 3, undefined],
    ['closed', 2, 'peer', 4000],
    ['closed', 3, 'network', 1006],
  ])
})

test('driver - orders for a link that is gone do nothing', async (t) => {
  const { core, driver } = await drive(t)
  core.onInput = ({ kind }) =>
    kind === 'started'
      ? [{ kind: 'ping', link: 1 }, { kind: 'send', link: 1, text: 'x' }, CLOSE]
      : []
  t.notThrows(() => driver.start())
})

const UNREADABLE: readonly (readonly [what: string, code: number, bytes: readonly number[]])[] = [
  ['a frame that is not masked', 1002, [0x81, 0x01, 0x78]],
  ['reserved bits', 1002, [0xf1, 0x80, 0, 0, 0, 0]],
  ['an opcode that there is not', 1002, [0x83, 0x80, 0, 0, 0, 0]],
  ['a close frame with a code that there is not', 1002, [0x88, 0x82, 0, 0, 0, 0, 0, 1]],
  ['text that is not UTF-8', 1007, [0x81, 0x81, 0, 0, 0, 0, 0xff]],
  ['a length above the limit', 1009, [0x81, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0]],
  ['a length that no number holds', 1009, [0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
]

for (const [what, code, bytes] of UNREADABLE) {
  test(`driver - tells the core ${code} for ${what}`, async (t) => {
    const { core, port } = await drive(t)
    const peer = await rawPeer(t, port)
    peer.socket.write(Uint8Array.from(bytes))
    t.like(await core.told('frame-unreadable'), { link: 1, code })
  })
}

test('driver - tells the core 1009 for a flood of fragments', async (t) => {
  const { core, address } = await drive(t)
  const flood = await call(t, address)
  for (let sent = 0; sent < 2_000; sent += 1) flood.socket.send('x', { fin: false })
  t.like(await core.told('frame-unreadable'), { link: 1, code: 1009 })
})

test('driver - tells the core of a reset that the link is closed, and nothing else', async (t) => {
  const { core, port } = await drive(t)
  const peer = await rawPeer(t, port)
  peer.socket.resetAndDestroy()
  t.like(await core.told('link-closed'), { link: 1, code: 1006 })
  t.deepEqual(core.kinds, ['link-accepted', 'link-closed'])
})

test('driver - tells of a peer that never reads, and of none that does', async (t) => {
  const { core, driver, address } = await drive(t, { backlogCheckMs: 20 })
  // More than the kernel takes in between two sockets of one machine, on each of two links.
  const text = 'x'.repeat(16 * BACKLOG_BYTES_MAX)
  core.onInput = ({ kind }) =>
    kind === 'started' ? [1, 2].map((link) => ({ kind: 'send', link, text }) as const) : []
  const deaf = new WebSocket(address)
  t.teardown(() => deaf.terminate())
  await once(deaf, 'open')
  deaf.pause()
  const reader = await call(t, address)
  driver.start()
  t.like(await core.told('backlog-stuck'), { link: 1 })
  await waitUntil(
    () => reader.frames.length === 1,
    () => 'a long frame',
  )
  t.is(core.kinds.filter((kind) => kind === 'backlog-stuck').length, 1)
})

test.serial('driver - after a freeze, tells what came meanwhile before the deadline', async (t) => {
  const { core, driver, address } = await drive(t)
  const peer = await call(t, address)
  core.wakeAtMs = performance.now() + 50
  driver.start()
  peer.socket.send('still alive')
  // Nothing runs in this process now, as after SIGSTOP. The frame is in the kernel when it goes on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FREEZE_MS + 200)
  await core.told('deadline')
  t.deepEqual(core.kinds, ['link-accepted', 'started', 'frame-received', 'deadline'])
})

test('driver - stop resolves when all sockets are gone, also without any, and twice', async (t) => {
  const { core, driver, address } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'stop-requested' ? [CLOSE] : [])
  const peer = await call(t, address)
  const stopped = driver.stop()
  t.is(driver.stop(), stopped)
  await stopped
  t.like(await peer.closed(), { code: 4999 })
  t.is(core.kinds.filter((kind) => kind === 'stop-requested').length, 1)
  const idle = await drive(t)
  await t.notThrowsAsync(idle.driver.stop())
})

test('driver - stop amid the orders of a fact waits for the sockets, too', async (t) => {
  let stopped: Promise<void> | undefined
  const { core, driver, address } = await drive(t, {
    onEvent: () => {
      stopped = driver.stop()
    },
  })
  core.onInput = ({ kind }) => {
    if (kind === 'stop-requested') return [CLOSE]
    return kind === 'started'
      ? [{ kind: 'report', event: { kind: 'self-found', address: at(1) } }]
      : []
  }
  const peer = await call(t, address)
  let isGone = false
  peer.socket.on('close', () => {
    isGone = true
  })
  driver.start()
  await stopped
  await t.notThrowsAsync(
    waitUntil(
      () => isGone,
      () => 'the end of the link',
    ),
  )
  t.deepEqual(core.kinds, ['link-accepted', 'started', 'stop-requested'])
})
