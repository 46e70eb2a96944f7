import test, { type ExecutionContext } from 'ava'
import { type Gap, type Message, publicForm } from '../../src/node/messages.ts'
import { Progress } from '../../src/node/stored-messages.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { Store } from '../../src/storage/store.ts'
import { meshId } from '../helpers/core.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const [OWN, PEER] = [meshId(1), meshId(2)]

function open(t: ExecutionContext) {
  const store = new Store({ folder: temporaryFolder(t), feed: OWN, report: () => {} })
  t.teardown(() => store.close())
  const place = store.openPlace('one')
  const pattern = parsePattern('a.>')
  if (pattern === undefined) throw new Error('no pattern')
  const progress = new Progress(
    store,
    place,
    pattern,
    publicForm(() => undefined),
    true,
  )
  let looks = 0
  const has = store.has.bind(store)
  store.has = (feed) => {
    looks += 1
    return has(feed)
  }
  /** What an item becomes: numbers, and gaps as [first, last]. */
  const of = (item: Message | Gap): readonly unknown[] => {
    const made: unknown[] = []
    for (const one of progress.of(item)) {
      made.push(one.kind === 'gap' ? [one.first, one.last] : one.seq)
      progress.done(one)
    }
    return made
  }
  return { of, place, store, looks: () => looks }
}

function gapOf(feed: string, first: number, last: number): Gap {
  return { kind: 'gap', from: undefined, feed, first, last }
}

function messageOf(feed: string, seq: number): Message {
  return { kind: 'message', topic: 'a.b', body: 1, from: 'x', feed, seq, ageMs: 0, relayed: false }
}

test('stored messages - a gap is cut to what was not handled', (t) => {
  const { of, place } = open(t)
  place.moveTo(PEER, 5)
  t.deepEqual(of(gapOf(PEER, 2, 5)), [])
  t.deepEqual(of(gapOf(PEER, 3, 8)), [[6, 8]])
  t.deepEqual(of(gapOf(PEER, 10, 12)), [[10, 12]])
  t.deepEqual(of(messageOf(PEER, 12)), [])
  t.deepEqual(of(messageOf(PEER, 13)), [13])
})

test('stored messages - of a gap that is stored in part the rest is a gap', (t) => {
  const { of, store } = open(t)
  const runs = '[{"topic":"a.b","ageMs":0,"json":[1,2,3]}]'
  const data = `{"feed":"${OWN}","from":1,"heldMs":0,"runs":${runs}}`
  store.append(1, 4, `{"type":"EVENTS","data":${data}}`)
  t.deepEqual(of(gapOf(OWN, 1, 5)), [1, 2, 3, [4, 5]])
})

test('stored messages - the folder is looked at for gaps only', (t) => {
  const { looks, of } = open(t)
  for (let seq = 1; seq <= 10; seq += 1) of(messageOf(PEER, seq))
  t.is(looks(), 0)
  of(gapOf(PEER, 11, 12))
  t.is(looks(), 1)
})
