/** What one link may send, in made-up time. */

import test from 'ava'
import { WebSocket } from 'ws'
import { FRAME_COST_BYTES, LINK_BYTES_BURST, SPARED_BYTES_BURST } from '../../src/io/limits.ts'
import { LinkSocket } from '../../src/io/link-socket.ts'
import { ReceiveBudgets } from '../../src/io/receive-budget.ts'
import { frameOf } from '../attack/attacker.ts'

/** A socket that is connected to nothing: a test gives it what came. */
function linkSocket(carriesMessages: boolean): LinkSocket {
  const socket = new WebSocket('ws://127.0.0.1:1').on('error', () => {})
  socket.terminate()
  return new LinkSocket(socket, carriesMessages, new ReceiveBudgets(), 0)
}

const TEXT = frameOf(1, 'x'.repeat(64 * 1024))
const PING = frameOf(9, '')

/** How a link is read after so many of these frames at one moment. */
function after(link: LinkSocket, frame: Buffer, count: number): string {
  let verdict = ''
  for (let sent = 0; sent < count; sent += 1) verdict = link.receive(frame, 0)
  return verdict
}

const MORE_THAN_BURST = (LINK_BYTES_BURST + SPARED_BYTES_BURST) / (64 * 1024) + 1

test('link socket - too much on a link is a flood', (t) => {
  t.is(after(linkSocket(false), TEXT, MORE_THAN_BURST), 'flood')
})

test('link socket - too much on a link that carries messages is read later', (t) => {
  const link = linkSocket(true)
  t.is(after(link, TEXT, MORE_THAN_BURST), 'pause')
  t.is(link.receive(TEXT, 20), 'within')
})

test('link socket - pings have the same budget on each link', (t) => {
  const most = (LINK_BYTES_BURST + SPARED_BYTES_BURST) / FRAME_COST_BYTES
  t.is(after(linkSocket(true), PING, most), 'within')
  t.is(after(linkSocket(true), PING, most + 1), 'flood')
})

test('link socket - what is published takes nothing of the budget of pings', (t) => {
  const link = linkSocket(true)
  after(link, TEXT, 10 * MORE_THAN_BURST)
  t.not(link.receive(PING, 0), 'flood')
})
