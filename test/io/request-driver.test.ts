import test from 'ava'
import { RequestDriver } from '../../src/io/request-driver.ts'
import { meshId } from '../helpers/core.ts'

test.serial('request driver - a request ages while the machine is suspended', (t) => {
  const { now } = Date
  t.teardown(() => {
    Date.now = now
  })
  const [own, peer] = [meshId(1), meshId(2)]
  const sent: string[] = []
  const driver = new RequestDriver(
    { own, find: (to) => to, drawSeries: () => 'a'.repeat(32), onOutput: () => {} },
    { send: (_, text) => sent.push(text) },
  )
  t.teardown(() => driver.input({ kind: 'stopped' }))
  const ready = (link: number) =>
    ({ kind: 'link-ready', link, peer, verified: true, requests: true }) as const
  driver.handle(ready(1))
  const question = { topic: 'a', kind: 'json', text: '1', bytes: 2 } as const
  driver.input({ kind: 'asked', id: 1, to: peer, question, timeoutMs: 10_000 })
  Date.now = () => now() + 3_600_000
  driver.input({ kind: 'link-gone', link: 1, isGoodbye: false })
  driver.handle(ready(2))
  const [first, second] = sent.map((text) => JSON.parse(text).data.ageMs)
  t.is(first, 0)
  t.true(second >= 3_600_000 && second < 3_610_000, `${second}`)
})
