/** The timer of a core: one at a time, for the latest deadline that it was given. */

import test from 'ava'
import { DeadlineTimer } from '../../src/io/deadline-timer.ts'
import { TIMER_MS_MAX } from '../../src/io/limits.ts'
import { monotonicMs } from '../../src/runtime/monotonic.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SOON_MS = 20
const FAR_MS = 1_000_000

const inMs = (ms: number): number => monotonicMs() + ms

/** A timer, and how often it fired. */
function timerOf() {
  let count = 0
  const timer = new DeadlineTimer(() => {
    count += 1
  })
  const fired = (times: number) =>
    waitUntil(
      () => count >= times,
      () => `fired ${times} times, got ${count}`,
    )
  return { timer, fired, count: () => count }
}

/** As long as a timer takes that is armed for the same time now. */
async function soonPassed(): Promise<void> {
  const other = timerOf()
  other.timer.arm(inMs(2 * SOON_MS))
  await other.fired(1)
}

test('deadline timer - fires once, and again when the core is not done', async (t) => {
  const { timer, fired, count } = timerOf()
  const deadlineMs = inMs(SOON_MS)
  timer.arm(deadlineMs)
  timer.arm(deadlineMs)
  await fired(1)
  await soonPassed()
  t.is(count(), 1)
  timer.arm(deadlineMs)
  await fired(2)
})

test('deadline timer - is armed for the last deadline that it was given, or for none', async (t) => {
  const [later, none] = [timerOf(), timerOf()]
  for (const { timer } of [later, none]) timer.arm(inMs(SOON_MS))
  later.timer.arm(inMs(FAR_MS))
  none.timer.arm(undefined)
  await soonPassed()
  t.deepEqual([later.count(), none.count()], [0, 0])
  later.timer.arm(inMs(SOON_MS))
  await later.fired(1)
})

test('deadline timer - is only hastened to what is earlier', async (t) => {
  const { timer, fired, count } = timerOf()
  timer.hasten(inMs(FAR_MS))
  timer.hasten(inMs(SOON_MS))
  timer.hasten(inMs(FAR_MS))
  timer.hasten(undefined)
  await fired(1)
  await soonPassed()
  t.is(count(), 1)
})

test('deadline timer - waits for a deadline beyond the longest timeout of a runtime', async (t) => {
  const { timer, count } = timerOf()
  timer.arm(inMs(2 * TIMER_MS_MAX))
  // A timeout that is too long would count as 1 ms.
  await soonPassed()
  t.is(count(), 0)
  timer.arm(undefined)
})

test('deadline timer - keeps the process alive where it has to', (t) => {
  const timeouts = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timeouts()
  const [keeps, keepsNot] = [new DeadlineTimer(() => {}), new DeadlineTimer(() => {}, false)]
  keepsNot.arm(inMs(FAR_MS))
  t.is(timeouts(), before)
  keeps.arm(inMs(FAR_MS))
  t.is(timeouts(), before + 1)
  for (const timer of [keeps, keepsNot]) timer.arm(undefined)
  t.is(timeouts(), before)
})

test('deadline timer - comes after all timeouts of its turn, and so after what sockets read', async (t) => {
  const order: string[] = []
  const timer = new DeadlineTimer(() => order.push('deadline'))
  const dueMs = inMs(5)
  timer.arm(dueMs)
  // As after a freeze: both are due in one turn of the event loop, whose timers run first.
  setTimeout(() => order.push('a timeout'), 5)
  while (monotonicMs() < dueMs + 10);
  await waitUntil(
    () => order.length === 2,
    () => `two, got ${order}`,
  )
  t.deepEqual(order, ['a timeout', 'deadline'])
})
