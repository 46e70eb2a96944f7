/** What the driver gives its core, what it does with outputs and deadlines, and how it stops. */

import test from 'ava'
import { WebSocket } from 'ws'
import { CLOSE_TIMEOUT_MS } from '../../src/io/limits.ts'
import type { Input } from '../../src/mesh/inputs.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { encodeItem } from '../../src/pubsub/item.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import { call } from '../helpers/caller.ts'
import { at } from '../helpers/core.ts'
import { drive, rawPeer, sending } from '../helpers/drive.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const DIAL: Output = { kind: 'dial', address: at(1), policy: 'operator', timeoutMs: 5_000 }
const CLOSE: Output = { kind: 'close', link: 1, frame: { code: 4999, reason: 'go' } }

test('driver - counts what it sends of messages', async (t) => {
  const { core, driver, address } = await drive(t)
  const peer = await call(t, address)
  driver.messages.handle({ kind: 'link-ready', link: 1, peer: 'p', verified: true })
  driver.messages.publish(encodeItem('a', 'json', '"ä"'))
  await waitUntil(
    () => peer.frames.length === 2,
    () => `${peer.frames.length} frames`,
  )
  const bytes = Buffer.byteLength(peer.frames.join(''))
  t.deepEqual({ ...core.counted.sent }, { handshakes: 0, frames: 2, bytes })
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
        const result = { kind: 'opened', socket, ip: '127.0.0.1', identity: undefined } as const
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
