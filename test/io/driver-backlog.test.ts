/** What the driver does with peers that do not read, or send too much. */

import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { WebSocket } from 'ws'
import { HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from '../../src/io/limits.ts'
import { FRAME_BYTES_MAX } from '../../src/mesh/limits.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { CloseCode } from '../../src/wire/close-codes.ts'
import { frameOf } from '../attack/attacker.ts'
import { call, type RawCall } from '../helpers/caller.ts'
import { drive, rawPeer, sending } from '../helpers/drive.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A peer that does not read until it is resumed. */
async function pausedPeer(t: ExecutionContext, address: string): Promise<WebSocket> {
  const peer = new WebSocket(address)
  t.teardown(() => peer.terminate())
  peer.on('error', () => {})
  await once(peer, 'open')
  peer.pause()
  return peer
}

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
  await waitUntil(
    () => sockets.every(({ readyState }) => readyState !== WebSocket.CLOSING),
    () => 'the end of those that were dropped',
  )
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
