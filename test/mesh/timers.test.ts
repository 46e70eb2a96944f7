import test from 'ava'
import fc from 'fast-check'
import { type Timer, Timers } from '../../src/mesh/timers.ts'
import { holds } from '../helpers/property.ts'

const handshakeTimer = (subject: number): Timer => ({ kind: 'handshake', subject })

test('timers - become due one by one, the earliest first', (t) => {
  const timers = new Timers()
  timers.set(handshakeTimer(1), 30)
  timers.set(handshakeTimer(2), 10)
  timers.set(handshakeTimer(3), 20)
  t.is(timers.nextMs(), 10)
  t.deepEqual(
    [timers.takeDue(25), timers.takeDue(25), timers.takeDue(25)],
    [handshakeTimer(2), handshakeTimer(3), undefined],
  )
  t.is(timers.nextMs(), 30)
})

test('timers - one is due at its time and not before', (t) => {
  const timers = new Timers()
  timers.set(handshakeTimer(1), 10)
  t.is(timers.takeDue(9), undefined)
  t.deepEqual(timers.takeDue(10), handshakeTimer(1))
  t.is(timers.nextMs(), undefined)
})

test('timers - setting one again moves it, in both directions', (t) => {
  const timers = new Timers()
  timers.set(handshakeTimer(1), 10)
  timers.set(handshakeTimer(1), 20)
  t.is(timers.nextMs(), 20)
  timers.set(handshakeTimer(1), 5)
  t.is(timers.nextMs(), 5)
  t.is(timers.size, 1)
})

test('timers - of different kinds for one subject are independent', (t) => {
  const timers = new Timers()
  timers.set({ kind: 'duplicate', subject: 1 }, 10)
  timers.set({ kind: 'handshake', subject: 1 }, 20)
  timers.stop({ kind: 'duplicate', subject: 1 })
  t.deepEqual(timers.takeDue(20), { kind: 'handshake', subject: 1 })
})

test('timers - stopping all leaves none', (t) => {
  const timers = new Timers()
  timers.set(handshakeTimer(1), 10)
  timers.set(handshakeTimer(2), 20)
  timers.stopAll()
  t.is(timers.size, 0)
  t.is(timers.nextMs(), undefined)
  t.is(timers.takeDue(100), undefined)
})

/** Any operations on a table of timers. */
const operations = fc.array(
  fc.oneof(
    fc.record({
      kind: fc.constantFrom('set' as const, 'bring-forward' as const),
      subject: fc.nat(9),
      atMs: fc.nat(99),
    }),
    fc.record({ kind: fc.constant('stop' as const), subject: fc.nat(9) }),
    fc.record({ kind: fc.constant('take' as const), nowMs: fc.nat(99) }),
  ),
  { maxLength: 200 },
)

test('timers - behave as a plain list of timers', (t) => {
  holds(
    t,
    500,
    fc.property(operations, (all) => {
      const timers = new Timers()
      const model = new Map<number, number>()
      for (const operation of all) {
        switch (operation.kind) {
          case 'set':
            timers.set(handshakeTimer(operation.subject), operation.atMs)
            model.set(operation.subject, operation.atMs)
            break
          case 'bring-forward': {
            timers.bringForward(handshakeTimer(operation.subject), operation.atMs)
            const atMs = model.get(operation.subject) ?? Number.POSITIVE_INFINITY
            model.set(operation.subject, Math.min(atMs, operation.atMs))
            break
          }
          case 'stop':
            timers.stop(handshakeTimer(operation.subject))
            model.delete(operation.subject)
            break
          case 'take': {
            const timer = timers.takeDue(operation.nowMs)
            const earliestMs = Math.min(...model.values())
            if (timer === undefined) {
              if (earliestMs <= operation.nowMs) throw new Error('a timer that was due is kept')
              break
            }
            // Among timers of the same time any may come first.
            const atMs = model.get(Number(timer.subject))
            if (atMs !== earliestMs || atMs > operation.nowMs) throw new Error('not the earliest')
            model.delete(Number(timer.subject))
            break
          }
          default:
            operation satisfies never
        }
        const nextMs = model.size === 0 ? undefined : Math.min(...model.values())
        if (timers.size !== model.size) throw new Error(`${timers.size} timers of ${model.size}`)
        if (timers.nextMs() !== nextMs) throw new Error(`${timers.nextMs()}, not ${nextMs}`)
      }
    }),
  )
})
