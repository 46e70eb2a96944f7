import test from 'ava'
import {
  FRAME_COST_BYTES,
  HOST_BYTES_BURST,
  HOST_BYTES_PER_SECOND,
  LINK_BYTES_BURST,
  LINK_BYTES_PER_SECOND,
  MESSAGE_BYTES_PER_SECOND,
  MESSAGE_COST_BYTES,
  SPARED_BYTES_BURST,
  SPARED_BYTES_PER_SECOND,
} from '../../src/io/limits.ts'
import { type ReceiveBudget, ReceiveBudgets } from '../../src/io/receive-budget.ts'
import { FRAME_BYTES_MAX, LINKS_ASK_PAUSE_MS, LINKS_PAUSE_MS } from '../../src/mesh/limits.ts'

/** How many frames without payload are admitted at one moment. */
function framesAdmitted(budget: ReceiveBudget, nowMs: number): number {
  let frames = 0
  while (budget.take(0, 1, nowMs)) frames += 1
  return frames
}

/** Takes as many bytes as the budget of a host has, over links that are new. */
function useUp(budgets: ReceiveBudgets, host: string): void {
  for (let used = 0; used < HOST_BYTES_BURST; used += LINK_BYTES_BURST) {
    budgets.open(host, 0).take(LINK_BYTES_BURST, 0, 0)
  }
}

test('receive budget - a link has a burst, then so much a second', (t) => {
  const link = new ReceiveBudgets().open('192.0.2.1', 0)
  const burst = (LINK_BYTES_BURST + SPARED_BYTES_BURST) / FRAME_COST_BYTES
  t.is(framesAdmitted(link, 0), burst)
  const perSecond = (LINK_BYTES_PER_SECOND + SPARED_BYTES_PER_SECOND) / FRAME_COST_BYTES
  t.is(framesAdmitted(link, 1_000), perSecond)
})

test('receive budget - bytes cost, too', (t) => {
  const link = new ReceiveBudgets().open('192.0.2.1', 0)
  t.true(link.take(LINK_BYTES_BURST, 0, 0))
  t.true(link.take(SPARED_BYTES_BURST, 0, 0))
  t.false(link.take(1, 0, 0))
})

test('receive budget - the links of a host share one, also those that come again', (t) => {
  const budgets = new ReceiveBudgets()
  useUp(budgets, '192.0.2.1')
  const again = budgets.open('192.0.2.1', 0)
  t.is(framesAdmitted(again, 0), SPARED_BYTES_BURST / FRAME_COST_BYTES)
  const others = Array.from({ length: 8 }, () => budgets.open('192.0.2.1', 0))
  const admitted = others.map((link) => link.take(HOST_BYTES_PER_SECOND / 4, 0, 1_000))
  t.deepEqual(admitted, [...Array(4).fill(true), ...Array(4).fill(false)])
  t.true(budgets.open('192.0.2.2', 0).take(LINK_BYTES_BURST, 0, 0))
})

test('receive budget - a link that carries messages may send more', (t) => {
  const link = new ReceiveBudgets().openMessages('192.0.2.1', true, 0)
  t.is(framesAdmitted(link, 0), LINK_BYTES_BURST / MESSAGE_COST_BYTES)
  // The bucket holds no more than the burst, which is less than what a second fills.
  const perPart = MESSAGE_BYTES_PER_SECOND / 256 / MESSAGE_COST_BYTES
  t.is(framesAdmitted(link, 1_000 / 256), perPart)
})

test('receive budget - a stranger has no more for messages than for anything else', (t) => {
  const link = new ReceiveBudgets().openMessages('192.0.2.1', false, 0)
  t.true(link.take(LINK_BYTES_BURST, 0, 0))
  t.false(link.take(LINK_BYTES_PER_SECOND + 1, 0, 1_000))
  t.true(link.take(LINK_BYTES_PER_SECOND, 0, 1_000))
})

test('receive budget - our own machine has no strangers', (t) => {
  const link = new ReceiveBudgets().openMessages(undefined, false, 0)
  t.true(link.take(LINK_BYTES_BURST, 0, 0))
  t.true(link.take(LINK_BYTES_PER_SECOND + 1, 0, 1_000))
})

test('receive budget - links that carry messages share that of their host', (t) => {
  const budgets = new ReceiveBudgets()
  useUp(budgets, '192.0.2.1')
  t.false(budgets.openMessages('192.0.2.1', true, 0).take(1, 0, 0))
  t.true(budgets.openMessages('192.0.2.2', true, 0).take(LINK_BYTES_BURST, 0, 0))
  t.true(budgets.openMessages(undefined, true, 0).take(LINK_BYTES_BURST, 0, 0))
})

test('receive budget - our own machine has only one by link', (t) => {
  const budgets = new ReceiveBudgets()
  for (let count = 0; count < 100; count += 1) {
    t.true(budgets.open(undefined, 0).take(LINK_BYTES_BURST, 0, 0))
  }
  t.false(budgets.open(undefined, 0).take(LINK_BYTES_BURST + 1, 0, 0))
})

test('receive budget - a flood ends no honest link of the same host', (t) => {
  const budgets = new ReceiveBudgets()
  const honest = budgets.open('192.0.2.1', 0)
  useUp(budgets, '192.0.2.1')
  t.true(honest.take(FRAME_BYTES_MAX, 1, 0))
  for (let second = 1; second < 600; second += 1) {
    useUp(budgets, '192.0.2.1')
    t.true(honest.take(4_000, 10, second * 1_000))
  }
})

test('receive budget - 200 nodes of one host form a mesh of 1,000 while we are watched', (t) => {
  const budgets = new ReceiveBudgets()
  const links = Array.from({ length: 200 }, () => budgets.open('192.0.2.1', 0))
  // An address has some 25 characters, and every list changes all the time.
  const list = 25 * 1_000
  for (let nowMs = 0; nowMs < 10 * 60_000; nowMs += LINKS_ASK_PAUSE_MS) {
    for (const link of links) {
      // LINKS, LINKS_REQUEST, a ping or pong; and now and then HANDSHAKE.
      t.true(link.take(list + 100, 3, nowMs), `${nowMs} ms`)
      if (nowMs % 30_000 === 0) t.true(link.take(list, 1, nowMs), `${nowMs} ms`)
    }
  }
})

test('receive budget - a peer with 1,000 addresses of the most bytes is within that of a link', (t) => {
  const link = new ReceiveBudgets().open('192.0.2.1', 0)
  for (let nowMs = 0; nowMs < 10 * 60_000; nowMs += LINKS_PAUSE_MS) {
    t.true(link.take(FRAME_BYTES_MAX, 3, nowMs), `${nowMs} ms`)
    if (nowMs % 30_000 === 0) t.true(link.take(FRAME_BYTES_MAX, 1, nowMs), `${nowMs} ms`)
  }
})

test('receive budget - of a host is less than those of its links', (t) => {
  t.true(HOST_BYTES_BURST > LINK_BYTES_BURST)
  t.true(HOST_BYTES_PER_SECOND < 200 * LINK_BYTES_PER_SECOND)
  t.true(SPARED_BYTES_BURST > FRAME_BYTES_MAX)
})
