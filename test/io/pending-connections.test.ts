/** Which of the pending connections makes room for a newcomer. */

import test, { type ExecutionContext } from 'ava'
import { SILENT_MS_MAX } from '../../src/io/limits.ts'
import { PendingConnections } from '../../src/io/pending-connections.ts'

class FakeSocket {
  readonly remoteAddress: string
  readonly localAddress = '192.0.2.99'
  bytesRead = 0
  isDestroyed = false

  constructor(remoteAddress: string) {
    this.remoteAddress = remoteAddress
  }

  destroy(): void {
    this.isDestroyed = true
  }

  write(): void {}
}

/** Connections that a test adds, each at the time it names. */
function pendingOf(t: ExecutionContext) {
  const pending = new PendingConnections(60_000)
  t.teardown(() => pending.closeAll())
  const add = (host: string, sinceMs = 0, bytesRead = 0): FakeSocket => {
    const socket = new FakeSocket(host)
    socket.bytesRead = bytesRead
    pending.add(socket, sinceMs)
    return socket
  }
  return { pending, add }
}

/** When those that were added at 0 ms and sent nothing are silent. */
const LATER_MS = SILENT_MS_MAX

test('pending connections - whoever has shown the least goes first', (t) => {
  const { pending, add } = pendingOf(t)
  const asking = add('192.0.2.1', 0, 100)
  pending.requestStarted(asking)
  const idle = add('192.0.2.2', 0, 100)
  pending.requestStarted(idle)
  pending.requestEnded(idle)
  const half = add('192.0.2.3', 0, 1)
  const silent = add('192.0.2.4')
  for (const next of [silent, half, idle, asking]) {
    t.false(next.isDestroyed)
    t.true(pending.evict(LATER_MS))
    t.true(next.isDestroyed)
  }
  t.false(pending.evict(LATER_MS))
})

test('pending connections - whoever was refused goes before those that sent part of a request', (t) => {
  const { pending, add } = pendingOf(t)
  const half = add('192.0.2.3', 0, 1)
  const refused = add('192.0.2.1', 0, 100)
  pending.expire(refused)
  pending.evict(LATER_MS)
  t.true(refused.isDestroyed)
  t.false(half.isDestroyed)
})

test('pending connections - a newcomer has its time to send the first byte', (t) => {
  const { pending, add } = pendingOf(t)
  const half = [add('192.0.2.1', 0, 1), add('192.0.2.1', 0, 1)]
  const newcomer = add('192.0.2.2', 500)
  pending.evict(500 + SILENT_MS_MAX - 1)
  t.false(newcomer.isDestroyed)
  t.true(half[0]?.isDestroyed)
  pending.evict(500 + SILENT_MS_MAX)
  t.true(newcomer.isDestroyed)
})

test('pending connections - among equals the oldest of the host with most goes', (t) => {
  const { pending, add } = pendingOf(t)
  const alone = add('192.0.2.1')
  const [oldest, second] = [add('192.0.2.2'), add('192.0.2.2')]
  pending.evict(LATER_MS)
  t.true(oldest.isDestroyed)
  t.false(second.isDestroyed)
  pending.evict(LATER_MS)
  t.true(alone.isDestroyed)
})

test('pending connections - an IPv6 network of 64 bits is one host', (t) => {
  const { pending, add } = pendingOf(t)
  add('2001:db8:1::1')
  const first = add('2001:db8:2::1')
  add('2001:db8:2::2')
  pending.evict(LATER_MS)
  t.true(first.isDestroyed)
})

test('pending connections - what is evicted is pending no more', (t) => {
  const { pending, add } = pendingOf(t)
  add('192.0.2.1')
  pending.evict(LATER_MS)
  t.is(pending.size, 0)
})

test('pending connections - call back when all requests so far are answered', (t) => {
  const { pending, add } = pendingOf(t)
  const socket = add('192.0.2.1', 0, 100)
  let calls = 0
  pending.whenAnswered(socket, () => calls++)
  t.is(calls, 1)
  pending.requestStarted(socket)
  pending.requestStarted(socket)
  pending.whenAnswered(socket, () => calls++)
  pending.requestEnded(socket)
  t.is(calls, 1)
  pending.requestEnded(socket)
  t.is(calls, 2)
})
