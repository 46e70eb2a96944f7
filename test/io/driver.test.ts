/** The driver with a core whose outputs a test sets, and with real sockets. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { Driver, type DriverOptions } from '../../src/io/driver.ts'
import { CLOSE_TIMEOUT_MS, HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from '../../src/io/limits.ts'
import { Server } from '../../src/io/server.ts'
import { Counters } from '../../src/mesh/counters.ts'
import type { Input } from '../../src/mesh/inputs.ts'
import { FRAME_BYTES_MAX } from '../../src/mesh/limits.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { encodeItem } from '../../src/pubsub/item.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { frameOf } from '../attack/attacker.ts'
import { call, RawCall, UPGRADE_REQUEST } from '../helpers/caller.ts'
import { at, identityAt } from '../helpers/core.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A core that records its inputs, and returns the outputs that a test sets. */
class FakeCore {
  readonly inputs: Input[] = []
  readonly counted = new Counters()
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

  counters(): Counters {
    return this.counted
  }

  get kinds(): readonly string[] {
    return this.inputs.map(({ kind }) => kind)
  }

  async input<Kind extends Input['kind']>(kind: Kind): Promise<Extract<Input, { kind: Kind }>> {
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

function sending(link: number, text: string, canWait = false): Output {
  return { kind: 'send', type: 'HANDSHAKE', link, text, canWait }
}

/** A driver whose server is at `address`. The first socket that it accepts is link 1. */
async function drive(t: ExecutionContext, options: Partial<DriverOptions> = {}) {
  const core = new FakeCore()
  const port = await freePort(t)
  const sockets: WebSocket[] = []
  const driver = new Driver({
    mesh: core,
    dialer: { dial: () => {} },
    pubsub: new PubSub({ feed: 'f', takesRelayed: false, nowMs: 0, random: () => 0 }),
    requests: { own: 'f', find: () => undefined, drawSeries: () => '', onOutput: () => {} },
    onEvent: () => {},
    onMessages: () => {},
    ...options,
  })
  const server = new Server({
    problemWithPage: () => undefined,
    identity: identityAt(port),
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs: 60_000,
    onLink: (socket, facts) => {
      t.teardown(() => socket.terminate())
      sockets.push(socket)
      driver.accept(socket, facts)
    },
    onNoDescriptors: () => {},
    onCrowded: () => {},
  })
  t.teardown(() => server.close())
  await server.listen()
  return { core, driver, port, sockets, address: `ws://127.0.0.1:${port}` }
}

/** A connection upgraded to WebSocket that from then on sends only what a test writes. */
async function rawPeer(t: ExecutionContext, port: number): Promise<RawCall> {
  const peer = await RawCall.open(t, port, UPGRADE_REQUEST)
  await waitUntil(
    () => peer.received.includes('\r\n\r\n'),
    () => `an upgrade, got ${peer.received}`,
  )
  return peer
}

/** A peer that does not read until it is resumed. */
async function pausedPeer(t: ExecutionContext, address: string): Promise<WebSocket> {
  const peer = new WebSocket(address)
  t.teardown(() => peer.terminate())
  peer.on('error', () => {})
  await once(peer, 'open')
  peer.pause()
  return peer
}

test('driver - counts what it sends of messages', async (t) => {
  const { core, driver, address } = await drive(t)
  const peer = await call(t, address)
  driver.messages.handle({ kind: 'link-ready', link: 1, peer: 'p', verified: true })
  driver.messages.publish(encodeItem('a', 'json', '"ä"'))
  await waitUntil(
    () => peer.frames.length === 1,
    () => `${peer.frames.length} frames`,
  )
  const bytes = Buffer.byteLength(peer.frames.join())
  t.deepEqual({ ...core.counted.sent }, { handshakes: 0, frames: 1, bytes })
})

test('driver - executes all outputs of an input before the next input', async (t) => {
  const seen: string[] = []
  const { core, driver } = await drive(t, {
    dialer: {
      dial: (_order, onResult) =>
        onResult({ kind: 'failed', failure: 'refused', reason: 'no' }, { ips: [], waitedMs: 0 }),
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

test('driver - reports the end of a link, but not of one that the core closed', async (t) => {
  const { core, address } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'frame-received' ? [CLOSE] : [])
  const first = await call(t, address)
  const second = await call(t, address)
  first.socket.send('x')
  t.deepEqual(await first.closed(), { code: 4999, reason: 'go' })
  second.socket.close(4000, 'bye')
  t.deepEqual(await core.input('link-closed'), {
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
  const peer = await rawPeer(t, port)
  await waitUntil(
    () => peer.isClosed,
    () => 'a closed connection',
  )
  const tookMs = performance.now() - startMs
  t.true(tookMs > 0.9 * CLOSE_TIMEOUT_MS && tookMs < 10 * CLOSE_TIMEOUT_MS, `${tookMs} ms`)
})

test('driver - gives the core what its counters need: failures, bytes, and late deadlines', async (t) => {
  const seen: Input[] = []
  const { core, driver, address } = await drive(t, {
    dialer: {
      dial: (_order, onResult) => {
        onResult({ kind: 'failed', failure: 'refused', reason: 'no' }, { ips: [], waitedMs: 7 })
      },
    },
  })
  core.onInput = (input) => {
    seen.push(input)
    return input.kind === 'started' ? [DIAL] : []
  }
  core.wakeAtMs = monotonicMs() - 1_000
  driver.start()
  const peer = await call(t, address)
  peer.socket.send('\u00e9')
  peer.socket.send(Uint8Array.of(1, 2, 3))
  peer.socket.close(4000)
  await waitUntil(
    () => seen.some(({ kind }) => kind === 'link-closed'),
    () => JSON.stringify(seen),
  )
  t.deepEqual(
    seen.filter(({ kind }) => kind !== 'started' && kind !== 'link-accepted'),
    [
      { kind: 'dial-failed', address: DIAL.address, failure: 'refused', reason: 'no', waitedMs: 7 },
      { kind: 'deadline' },
      { kind: 'frame-received', link: 1, frame: { kind: 'text', text: '\u00e9' }, bytes: 2 },
      { kind: 'frame-received', link: 1, frame: { kind: 'binary', bytes: 3 }, bytes: 3 },
      { kind: 'link-closed', link: 1, code: 4000, reason: '' },
    ],
  )
})

test('driver - gives the core how long a dial waited that opened a socket', async (t) => {
  let url = ''
  const { core, driver, address } = await drive(t, {
    dialer: {
      dial: (_order, onResult) => {
        const socket = new WebSocket(url)
        t.teardown(() => socket.terminate())
        const result = { kind: 'opened', socket, identity: undefined } as const
        socket.once('open', () => onResult(result, { ips: ['127.0.0.1'], waitedMs: 7 }))
      },
    },
  })
  url = address
  core.onInput = ({ kind }) => (kind === 'started' ? [DIAL] : [])
  driver.start()
  t.like(await core.input('dial-succeeded'), { address: DIAL.address, waitedMs: 7 })
})

test('driver - outputs for a closed link have no effect', async (t) => {
  const { core, driver } = await drive(t)
  core.onInput = ({ kind }) =>
    kind === 'started' ? [{ kind: 'ping', link: 1 }, sending(1, 'x'), CLOSE] : []
  t.notThrows(() => driver.start())
})

const UNREADABLE: readonly (readonly [what: string, code: number, bytes: readonly number[]])[] = [
  ['a frame that is not masked', 1002, [0x81, 0x01, 0x78]],
  ['reserved bits', 1002, [0xf1, 0x80, 0, 0, 0, 0]],
  ['an unknown opcode', 1002, [0x83, 0x80, 0, 0, 0, 0]],
  ['a close frame with an invalid code', 1002, [0x88, 0x82, 0, 0, 0, 0, 0, 1]],
  ['text that is not UTF-8', 1007, [0x81, 0x81, 0, 0, 0, 0, 0xff]],
  ['a length above the limit', 1009, [0x81, 0xff, 0, 0, 0, 0, 0, 0x40, 0, 0, 0, 0, 0, 0]],
  ['a length that no number holds', 1009, [0x81, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]],
]

for (const [what, code, bytes] of UNREADABLE) {
  test(`driver - gives the core code ${code} for ${what}`, async (t) => {
    const { core, port } = await drive(t)
    const peer = await rawPeer(t, port)
    peer.socket.write(Uint8Array.from(bytes))
    t.like(await core.input('frame-unreadable'), { link: 1, code })
  })
}

test('driver - gives the core code 1009 for a flood of fragments', async (t) => {
  const { core, address } = await drive(t)
  const flood = await call(t, address)
  for (let sent = 0; sent < 2_000; sent += 1) flood.socket.send('x', { fin: false })
  t.like(await core.input('frame-unreadable'), { link: 1, code: 1009 })
})

test('driver - a reset is one input, link-closed', async (t) => {
  const { core, port } = await drive(t)
  const peer = await rawPeer(t, port)
  peer.socket.resetAndDestroy()
  t.like(await core.input('link-closed'), { link: 1, code: 1006 })
  t.deepEqual(core.kinds, ['link-accepted', 'link-closed'])
})

/** More than the kernel holds between two sockets of one machine. */
const MORE_THAN_KERNEL = 'x'.repeat(16 * 1024 * 1024)

/** The same on link 1 in numbered frames, of which no more is sent once some bytes are unsent. */
function fillingKernel(): readonly Output[] {
  return Array.from({ length: 64 }, (_, index) => sending(1, `${index} `.padEnd(250_000), true))
}

test('driver - closes a link with too many unsent bytes at once, and no other', async (t) => {
  const { core, driver, address } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'started' ? [sending(1, MORE_THAN_KERNEL)] : [])
  const paused = await pausedPeer(t, address)
  const reader = await call(t, address)
  driver.start()
  t.deepEqual(core.kinds.slice(-2), ['started', 'backlog-stuck'])
  paused.resume()
  await waitUntil(
    () => paused.readyState === paused.CLOSED,
    () => 'the end of the link',
  )
  t.true(reader.isOpen)
  t.is(core.kinds.filter((kind) => kind === 'backlog-stuck').length, 1)
})

test('driver - sends nothing that can wait on a link with unsent bytes', async (t) => {
  const { core, driver, address } = await drive(t)
  core.onInput = ({ kind }) => {
    if (kind === 'started') return fillingKernel()
    return kind === 'pong-received' ? [sending(1, 'later', true)] : []
  }
  const peer = await pausedPeer(t, address)
  const got: string[] = []
  peer.on('message', (data) => got.push(String(data)))
  driver.start()
  t.deepEqual(core.kinds, ['link-accepted', 'started'])
  peer.resume()
  await waitUntil(
    () => {
      peer.pong()
      return got.at(-1) === 'later'
    },
    () => `${got.length} frames`,
  )
  const numbers = got.filter((text) => text !== 'later').map((text) => Number.parseInt(text, 10))
  t.true(numbers.length > 0 && numbers.length < fillingKernel().length, `${numbers.length} frames`)
  t.deepEqual(numbers, [...numbers.keys()])
})

test('driver - a link is alive while its machine takes bytes that waited, or sends some', async (t) => {
  const { core, driver, address, port } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'started' ? fillingKernel() : [])
  const peer = await pausedPeer(t, address)
  const slow = await rawPeer(t, port)
  driver.start()
  const bytes = frameOf(0x1, 'x'.repeat(10_000))
  let at = 0
  const untilAlive = (link: number): Promise<void> =>
    waitUntil(
      () => {
        slow.socket.write(bytes.subarray(at, at + 1))
        at += 1
        return core.inputs.some((input) => input.kind === 'link-alive' && input.link === link)
      },
      () => `link ${link} alive, got ${core.kinds}`,
    )
  await untilAlive(2)
  core.inputs.splice(0)
  await untilAlive(2)
  // The peer has read nothing meanwhile.
  t.false(core.inputs.some((input) => input.kind === 'link-alive' && input.link === 1))
  peer.resume()
  await untilAlive(1)
})

test('driver - keeps what all links hold below the most', async (t) => {
  const { core, driver, address, sockets } = await drive(t)
  const text = 'x'.repeat(LINK_HELD_BYTES_MAX / 2)
  const links = (2 * HELD_BYTES_MAX) / LINK_HELD_BYTES_MAX + 8
  // Twice, since the kernel takes most of the first.
  const outputs = Array.from({ length: 8 * links }, (_, index) =>
    sending(1 + (index % links), text),
  )
  core.onInput = ({ kind }) => (kind === 'started' ? outputs : [])
  for (let link = 1; link <= links; link += 1) await pausedPeer(t, address)
  driver.start()
  // Also of those that are being closed.
  const held = sockets.reduce((sum, { bufferedAmount }) => sum + bufferedAmount, 0)
  const stuck = core.inputs.filter(({ kind }) => kind === 'backlog-stuck')
  t.true(stuck.length > 0 && stuck.length < links, `${stuck.length} of ${links}`)
  t.true(held > HELD_BYTES_MAX / 2 && held <= HELD_BYTES_MAX, `${held} bytes`)
})

test('driver - closes a link whose message does not end when memory is full', async (t) => {
  const { core, port } = await drive(t)
  const half = frameOf(0x1, 'x'.repeat(FRAME_BYTES_MAX)).subarray(0, -1)
  const links = Math.ceil(HELD_BYTES_MAX / half.length) + 1
  const peers: RawCall[] = []
  for (let link = 1; link <= links; link += 1) {
    const peer = await rawPeer(t, port)
    peer.socket.write(half)
    peers.push(peer)
  }
  t.like(await core.input('frame-unreadable'), { link: 1, code: CloseCode.FLOOD })
})

const FLOODS: readonly (readonly [what: string, ...frames: readonly Buffer[]])[] = [
  ['pongs', frameOf(0xa, '')],
  ['pings', frameOf(0x9, '')],
  ['short texts', frameOf(0x1, '{}')],
  [
    'fragments',
    frameOf(0x1, '', false),
    ...Array(99).fill(frameOf(0x0, '', false)),
    frameOf(0, ''),
  ],
]

for (const [what, ...frames] of FLOODS) {
  test(`driver - closes a link that sends too many ${what}, and reads no more of it`, async (t) => {
    const { core, port, sockets } = await drive(t)
    const frame = { code: CloseCode.FLOOD, reason: 'rate limit exceeded' }
    core.onInput = ({ kind }) =>
      kind === 'frame-unreadable' ? [{ kind: 'close', link: 1, frame }] : []
    const peer = await rawPeer(t, port)
    const many = Buffer.concat(Array<readonly Buffer[]>(10).fill(frames).flat())
    const timer = setInterval(() => {
      for (let times = 0; times < 20; times += 1) peer.socket.write(many)
    }, 1)
    t.teardown(() => clearInterval(timer))
    t.deepEqual(await core.input('frame-unreadable'), {
      kind: 'frame-unreadable',
      link: 1,
      ...frame,
    })
    t.true(sockets[0]?.isPaused)
    await waitUntil(
      () => peer.isClosed,
      () => 'the end of the link',
    )
    t.is(core.kinds.at(-1), 'frame-unreadable')
  })
}

test('driver - answers pings, and the last one when the answers wait to be read', async (t) => {
  const { core, driver, address } = await drive(t)
  core.onInput = ({ kind }) => (kind === 'started' ? fillingKernel() : [])
  const peer = await pausedPeer(t, address)
  driver.start()
  const pongs: string[] = []
  peer.on('pong', (data) => pongs.push(String(data)))
  for (let ping = 1; ping <= 100; ping += 1) peer.ping(String(ping))
  await waitUntil(
    () => core.kinds.filter((kind) => kind === 'ping-received').length === 100,
    () => '100 pings',
  )
  peer.resume()
  await waitUntil(
    () => pongs.length === 2,
    () => `two pongs, got ${pongs}`,
  )
  t.deepEqual(pongs, ['1', '100'])
})

test.serial(
  'driver - frames that arrived while the process could not run come before the deadline',
  async (t) => {
    const { core, driver, address } = await drive(t)
    const peer = await call(t, address)
    core.wakeAtMs = performance.now() + 50
    driver.start()
    peer.socket.send('x')
    // Nothing runs in this process now, as after SIGSTOP. The frame is in the kernel when it goes
    // on.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100)
    await core.input('deadline')
    t.deepEqual(core.kinds, ['link-accepted', 'started', 'frame-received', 'deadline'])
  },
)

test('driver - stop resolves when all sockets are closed, also without any, and twice', async (t) => {
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

test('driver - stop during the outputs of an input waits for the sockets, too', async (t) => {
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
      () => 'a closed link',
    ),
  )
  t.deepEqual(core.kinds, ['link-accepted', 'started', 'stop-requested'])
})
