import test from 'ava'
import {
  LOOKUP_FRESH_MS,
  LOOKUP_HANGS_MS,
  LOOKUP_IPS_MAX,
  LOOKUP_NAMES_MAX,
  LOOKUP_STALE_MS,
  LOOKUP_WAIT_MS,
  LOOKUP_WAIT_OPERATOR_MS,
  LOOKUPS_MAX,
} from '../../src/io/limits.ts'
import { type FoundIps, NameLookup } from '../../src/io/name-lookup.ts'

const TIMEOUT_MS = 5_000

/** A lookup that the system was asked for. */
interface Call {
  readonly name: string
  readonly answer: (ips: readonly string[]) => void
  readonly fail: (code: string) => void
}

/** Name lookups with made-up time and a system that answers when the test does. */
class FakeSystem {
  readonly calls: Call[] = []
  readonly names = new NameLookup({
    lookup: (name) =>
      new Promise((answer, reject) => {
        const fail = (code: string): void => reject(Object.assign(new Error(code), { code }))
        this.calls.push({ name, answer, fail })
      }),
    nowMs: () => this.#nowMs,
    after: (ms, run) => {
      const timer = { dueMs: this.#nowMs + ms, run }
      this.#timers.add(timer)
      return () => this.#timers.delete(timer)
    },
  })
  #nowMs = 1_000
  readonly #timers = new Set<{ readonly dueMs: number; readonly run: () => void }>()

  get calledNames(): readonly string[] {
    return this.calls.map(({ name }) => name)
  }

  /** Lets time pass, and all that follows from it. */
  async waits(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    for (;;) {
      await settle()
      const due = [...this.#timers].sort((one, other) => one.dueMs - other.dueMs)[0]
      if (due === undefined || due.dueMs > untilMs) break
      this.#timers.delete(due)
      this.#nowMs = due.dueMs
      due.run()
    }
    this.#nowMs = untilMs
    await settle()
  }

  /** Answers the lookup of a name that runs. */
  async answers(name: string, ...ips: readonly string[]): Promise<void> {
    this.calls.findLast((call) => call.name === name)?.answer(ips)
    await settle()
  }

  async fails(name: string, code: string): Promise<void> {
    this.calls.findLast((call) => call.name === name)?.fail(code)
    await settle()
  }

  /** Looks up a name. What it ends with is in the result from then on. */
  async finds(name: string, by: 'operator' | 'peer' = 'operator'): Promise<Search> {
    const search: Search = {}
    this.names.find(name, by === 'operator', TIMEOUT_MS).then(
      (found) => {
        search.found = found
      },
      (error) => {
        search.code = error.code ?? error.message
      },
    )
    await settle()
    return search
  }

  /** Fills all places with the operator's names, which hang. */
  async hangs(): Promise<void> {
    for (let index = 0; index < LOOKUPS_MAX; index += 1) await this.finds(`${index}.bad`)
  }
}

interface Search {
  found?: FoundIps
  code?: string
}

function settle(): Promise<void> {
  return new Promise(setImmediate)
}

test('name lookup - dials of one name share a lookup', async (t) => {
  const system = new FakeSystem()
  const first = await system.finds('a.test')
  await system.waits(100)
  const second = await system.finds('a.test', 'peer')
  await system.answers('a.test', '192.0.2.1', '192.0.2.2')
  t.deepEqual(system.calledNames, ['a.test'])
  const found = { ips: ['192.0.2.1', '192.0.2.2'], waitedMs: 0 }
  t.deepEqual([first, second], [{ found }, { found }])
})

test('name lookup - an answer is used again for a while, and no longer', async (t) => {
  const system = new FakeSystem()
  await system.finds('a.test')
  await system.answers('a.test', '192.0.2.1')
  await system.waits(LOOKUP_FRESH_MS - 1)
  t.like(await system.finds('a.test'), { found: { ips: ['192.0.2.1'] } })
  t.is(system.calls.length, 1)
  await system.waits(1)
  await system.finds('a.test')
  t.is(system.calls.length, 2)
})

test('name lookup - a failure is not used again', async (t) => {
  const system = new FakeSystem()
  const search = await system.finds('a.test')
  await system.fails('a.test', 'ENOTFOUND')
  t.deepEqual(search, { code: 'ENOTFOUND' })
  await system.finds('a.test')
  t.is(system.calls.length, 2)
})

test('name lookup - the time in the line is not counted', async (t) => {
  const system = new FakeSystem()
  await system.hangs()
  const search = await system.finds('good.test')
  await system.waits(TIMEOUT_MS + 1_000)
  t.deepEqual(search, {})
  await system.fails('0.bad', 'EAI_AGAIN')
  await system.waits(TIMEOUT_MS - 1)
  await system.answers('good.test', '192.0.2.1')
  t.deepEqual(search, { found: { ips: ['192.0.2.1'], waitedMs: TIMEOUT_MS + 1_000 } })
})

test('name lookup - a lookup that takes longer than the dial may is late', async (t) => {
  const system = new FakeSystem()
  const search = await system.finds('a.bad')
  await system.waits(TIMEOUT_MS - 1)
  t.deepEqual(search, {})
  await system.waits(1)
  t.deepEqual(search, { code: 'ETIMEDOUT' })
})

test('name lookup - the answer to a dial that gave up is there for the next one', async (t) => {
  const system = new FakeSystem()
  const search = await system.finds('slow.test')
  await system.waits(TIMEOUT_MS)
  t.deepEqual(search, { code: 'ETIMEDOUT' })
  await system.answers('slow.test', '192.0.2.1')
  t.like(await system.finds('slow.test'), { found: { ips: ['192.0.2.1'] } })
})

for (const [by, waitMs] of [
  ['operator', LOOKUP_WAIT_OPERATOR_MS],
  ['peer', LOOKUP_WAIT_MS],
] as const) {
  test(`name lookup - a name of the ${by} waits in the line no longer than its limit`, async (t) => {
    const system = new FakeSystem()
    await system.hangs()
    const search = await system.finds('a.test', by)
    await system.waits(waitMs - 1)
    t.deepEqual(search, {})
    await system.waits(1)
    t.deepEqual(search, { code: 'ETIMEDOUT' })
    // No dial waits for it any more.
    for (let index = 0; index < LOOKUPS_MAX; index += 1) {
      await system.fails(`${index}.bad`, 'EAI_AGAIN')
    }
    t.false(system.calledNames.includes('a.test'))
  })
}

test('name lookup - a name from a peer that never answers does not hold up the operator', async (t) => {
  const system = new FakeSystem()
  for (let index = 0; index < 24; index += 1) await system.finds(`${index}.evil`, 'peer')
  const search = await system.finds('good.test')
  await system.answers('good.test', '192.0.2.1')
  t.deepEqual(search, { found: { ips: ['192.0.2.1'], waitedMs: 0 } })
})

test('name lookup - the last answer is used when the next lookup hangs', async (t) => {
  const system = new FakeSystem()
  await system.finds('a.test')
  await system.answers('a.test', '192.0.2.1')
  await system.waits(LOOKUP_FRESH_MS)
  const search = await system.finds('a.test')
  await system.waits(LOOKUP_HANGS_MS - 1)
  t.deepEqual(search, {})
  await system.waits(1)
  t.deepEqual(search, { found: { ips: ['192.0.2.1'], waitedMs: LOOKUP_HANGS_MS } })
})

test('name lookup - the last answer is used when the name waits in the line', async (t) => {
  const system = new FakeSystem()
  await system.finds('a.test')
  await system.answers('a.test', '192.0.2.1')
  await system.waits(LOOKUP_FRESH_MS)
  await system.hangs()
  const search = await system.finds('a.test')
  await system.waits(LOOKUP_HANGS_MS)
  t.like(search, { found: { ips: ['192.0.2.1'] } })
})

test('name lookup - the last answer is used when the DNS server fails, unless it is old', async (t) => {
  const system = new FakeSystem()
  await system.finds('a.test')
  await system.answers('a.test', '192.0.2.1')
  await system.waits(LOOKUP_STALE_MS - 1)
  const search = await system.finds('a.test')
  await system.fails('a.test', 'EAI_AGAIN')
  t.like(search, { found: { ips: ['192.0.2.1'] } })
  await system.waits(1)
  const later = await system.finds('a.test')
  await system.fails('a.test', 'EAI_AGAIN')
  t.deepEqual(later, { code: 'EAI_AGAIN' })
})

test('name lookup - a name that is gone is gone, whatever the last answer was', async (t) => {
  const system = new FakeSystem()
  await system.finds('a.test')
  await system.answers('a.test', '192.0.2.1')
  await system.waits(LOOKUP_FRESH_MS)
  const search = await system.finds('a.test')
  await system.fails('a.test', 'ENOTFOUND')
  t.deepEqual(search, { code: 'ENOTFOUND' })
})

test('name lookup - keeps as many IPs of a name, and as many names, as its limits', async (t) => {
  const system = new FakeSystem()
  const search = await system.finds('many.test')
  const ips = Array.from({ length: LOOKUP_IPS_MAX + 1 }, (_, index) => `192.0.2.${index}`)
  await system.answers('many.test', ...ips)
  t.deepEqual(search.found?.ips, ips.slice(0, LOOKUP_IPS_MAX))
  for (let index = 1; index <= LOOKUP_NAMES_MAX; index += 1) {
    t.not((await system.finds('many.test')).found, undefined)
    await system.finds(`${index}.test`)
    await system.answers(`${index}.test`, '192.0.2.1')
  }
  t.deepEqual(await system.finds('many.test'), {})
})

test('name lookup - ends all waiting when it is closed, and looks up no more', async (t) => {
  const system = new FakeSystem()
  await system.hangs()
  const searches = [await system.finds('0.bad'), await system.finds('a.test')]
  system.names.close()
  await settle()
  t.deepEqual(searches, [{ code: 'closed' }, { code: 'closed' }])
  await system.fails('0.bad', 'EAI_AGAIN')
  await system.finds('b.test')
  t.is(system.calls.length, LOOKUPS_MAX)
})

test('name lookup - a question that must be answered now gets all IPs, and no earlier answer', async (t) => {
  const system = new FakeSystem()
  const { names } = system
  const ips = Array.from({ length: LOOKUP_IPS_MAX + 1 }, (_, index) => `10.0.0.${index}`)
  const first = names.findNow('a', TIMEOUT_MS)
  await system.answers('a', ...ips)
  t.deepEqual(await first, ips)
  t.is((await names.find('a', true, TIMEOUT_MS)).ips.length, LOOKUP_IPS_MAX)
  const second = names.findNow('a', TIMEOUT_MS)
  await system.fails('a', 'EAI_AGAIN')
  await t.throwsAsync(second, { code: 'EAI_AGAIN' })
  const third = names.findNow('a', TIMEOUT_MS)
  void third.catch(() => {})
  await system.waits(TIMEOUT_MS)
  await t.throwsAsync(third, { code: 'ETIMEDOUT' })
})
