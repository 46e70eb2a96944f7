import test from 'ava'
import { SendBacklog } from '../../src/io/send-backlog.ts'
import type { LinkId } from '../../src/mesh/inputs.ts'
import { BACKLOG_BYTES_MAX, BACKLOG_CHECKS_MAX } from '../../src/mesh/limits.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** Short, since checks are counted and not timed. */
const CHECK_MS = 2

/**
 * A socket with as many unsent bytes as a test sets for each check. They count from 0: that is
 * the one when a frame is sent.
 */
class FakeSocket {
  readonly #unsentAt: (check: number) => number
  checks = 0

  constructor(unsentAt: (check: number) => number) {
    this.#unsentAt = unsentAt
  }

  get bufferedAmount(): number {
    this.checks += 1
    return this.#unsentAt(this.checks - 1)
  }
}

const TOO_MUCH = (): number => BACKLOG_BYTES_MAX + 1

function watch() {
  const stuck: LinkId[] = []
  const backlog = new SendBacklog((link) => stuck.push(link), CHECK_MS)
  const reported = () =>
    waitUntil(
      () => stuck.length > 0,
      () => 'a link is reported',
    )
  return { stuck, backlog, reported }
}

test('send backlog - reports a link at the first check after as many as the limit', async (t) => {
  const { stuck, backlog, reported } = watch()
  const socket = new FakeSocket(TOO_MUCH)
  backlog.sent(1, socket)
  await reported()
  t.is(socket.checks, 1 + BACKLOG_CHECKS_MAX + 1)
  t.deepEqual(stuck, [1])
})

test('send backlog - does not check a link with as many bytes as the limit', async (t) => {
  const { stuck, backlog, reported } = watch()
  const socket = new FakeSocket(() => BACKLOG_BYTES_MAX)
  backlog.sent(1, socket)
  backlog.sent(2, new FakeSocket(TOO_MUCH))
  await reported()
  t.is(socket.checks, 1)
  t.deepEqual(stuck, [2])
})

test('send backlog - counts from the start again for a peer that caught up', async (t) => {
  const { backlog, reported } = watch()
  const socket = new FakeSocket((check) => (check === BACKLOG_CHECKS_MAX ? 0 : TOO_MUCH()))
  const sending = setInterval(() => backlog.sent(1, socket), 1)
  t.teardown(() => clearInterval(sending))
  await reported()
  clearInterval(sending)
  const checksOfFirst = 1 + BACKLOG_CHECKS_MAX
  t.true(socket.checks >= checksOfFirst + 1 + BACKLOG_CHECKS_MAX + 1, `${socket.checks}`)
})

test('send backlog - does not count from the start again when more is sent', async (t) => {
  const { backlog, reported } = watch()
  const socket = new FakeSocket(TOO_MUCH)
  const sending = setInterval(() => backlog.sent(1, socket), 1)
  t.teardown(() => clearInterval(sending))
  await t.notThrowsAsync(reported())
})

test('send backlog - stops checking a closed link, and goes on with the others', async (t) => {
  const { stuck, backlog, reported } = watch()
  const [gone, stays] = [new FakeSocket(TOO_MUCH), new FakeSocket(TOO_MUCH)]
  backlog.sent(1, gone)
  backlog.sent(2, stays)
  backlog.remove(1)
  await reported()
  t.deepEqual(stuck, [2])
  t.is(gone.checks, 1)
})
