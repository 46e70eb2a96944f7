import test from 'ava'
import { Backlog } from '../../src/io/backlog.ts'
import type { LinkId } from '../../src/mesh/inputs.ts'
import { BACKLOG_BYTES_MAX, BACKLOG_CHECKS_MAX } from '../../src/mesh/limits.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Short, since looks are counted and not timed. */
const CHECK_MS = 2

/**
 * A socket with as many unsent bytes as a test wants at each look, which count from 0: that is the
 * sender's own.
 */
class FakeSocket {
  readonly #unsentAt: (look: number) => number
  looks = 0

  constructor(unsentAt: (look: number) => number) {
    this.#unsentAt = unsentAt
  }

  get bufferedAmount(): number {
    this.looks += 1
    return this.#unsentAt(this.looks - 1)
  }
}

const TOO_MUCH = (): number => BACKLOG_BYTES_MAX + 1

function watch() {
  const stuck: LinkId[] = []
  const backlog = new Backlog((link) => stuck.push(link), CHECK_MS)
  const gaveUp = () =>
    waitUntil(
      () => stuck.length > 0,
      () => 'a link is given up',
    )
  return { stuck, backlog, gaveUp }
}

test('backlog - gives up a link at the first look after as many as the limit', async (t) => {
  const { stuck, backlog, gaveUp } = watch()
  const socket = new FakeSocket(TOO_MUCH)
  backlog.grew(1, socket)
  await gaveUp()
  t.is(socket.looks, 1 + BACKLOG_CHECKS_MAX + 1)
  t.deepEqual(stuck, [1])
})

test('backlog - looks no more at a link with as many bytes as the limit', async (t) => {
  const { stuck, backlog, gaveUp } = watch()
  const socket = new FakeSocket(() => BACKLOG_BYTES_MAX)
  backlog.grew(1, socket)
  backlog.grew(2, new FakeSocket(TOO_MUCH))
  await gaveUp()
  t.is(socket.looks, 1)
  t.deepEqual(stuck, [2])
})

test('backlog - a peer that catches up in between starts afresh', async (t) => {
  const { backlog, gaveUp } = watch()
  const socket = new FakeSocket((look) => (look === BACKLOG_CHECKS_MAX ? 0 : TOO_MUCH()))
  const sending = setInterval(() => backlog.grew(1, socket), 1)
  t.teardown(() => clearInterval(sending))
  await gaveUp()
  clearInterval(sending)
  const looksOfFirst = 1 + BACKLOG_CHECKS_MAX
  t.true(socket.looks >= looksOfFirst + 1 + BACKLOG_CHECKS_MAX + 1, `${socket.looks}`)
})

test('backlog - sending more does not start afresh', async (t) => {
  const { backlog, gaveUp } = watch()
  const socket = new FakeSocket(TOO_MUCH)
  const sending = setInterval(() => backlog.grew(1, socket), 1)
  t.teardown(() => clearInterval(sending))
  await t.notThrowsAsync(gaveUp())
})

test('backlog - forgets a link that is gone, and goes on with the others', async (t) => {
  const { stuck, backlog, gaveUp } = watch()
  const [gone, stays] = [new FakeSocket(TOO_MUCH), new FakeSocket(TOO_MUCH)]
  backlog.grew(1, gone)
  backlog.grew(2, stays)
  backlog.forget(1)
  await gaveUp()
  t.deepEqual(stuck, [2])
  t.is(gone.looks, 1)
})
