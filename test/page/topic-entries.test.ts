/** The entries of a followed pattern. */

import test from 'ava'
import {
  added,
  ENTRIES_MAX,
  gapIn,
  messageIn,
  type TopicEntry,
} from '../../src/http/page/model/topic-entries.ts'

test('messages - late is what was published while the reader followed, and came after 2 s', (t) => {
  const lateOf = (ageMs: number, openedMs: number) => {
    const entry = messageIn(JSON.stringify({ topic: 'a', body: 'b', ageMs }), {
      openedMs,
      nowMs: 10_000,
    })
    return entry?.kind === 'message' ? entry.lateMs : undefined
  }
  t.is(lateOf(2_000, 0), 0)
  t.is(lateOf(2_001, 0), 2_001)
  t.is(lateOf(5_000, 5_001), 0, 'published before')
  t.is(messageIn('', { openedMs: 0, nowMs: 0 }), undefined, 'an id alone')
  t.deepEqual(gapIn('{"from":null,"feed":"f","first":4,"last":8}'), {
    kind: 'gap',
    key: 'gap f 4',
    from: null,
    count: 5,
  })
})

test('messages - the newest are kept, each once, and a gap as it was told last', (t) => {
  const message = (seq: number) =>
    messageIn(JSON.stringify({ topic: 'a', feed: 'f', seq }), { openedMs: 0, nowMs: 0 })
  const gap = (last: number) => gapIn(JSON.stringify({ feed: 'f', first: 1, last }))
  const listOf = (...entries: readonly (TopicEntry | undefined)[]) =>
    entries.reduce<readonly TopicEntry[]>((list, entry) => (entry ? added(list, entry) : list), [])
  const many = (count: number) => listOf(...Array.from({ length: count }, (_, seq) => message(seq)))
  t.is(many(ENTRIES_MAX).length, ENTRIES_MAX)
  t.is(many(ENTRIES_MAX)[0]?.key, 'message f 0')
  t.is(many(ENTRIES_MAX + 1).length, ENTRIES_MAX)
  t.is(many(ENTRIES_MAX + 1)[0]?.key, 'message f 1')
  t.is(many(ENTRIES_MAX + 1).at(-1)?.key, `message f ${ENTRIES_MAX}`)
  t.deepEqual(listOf(gap(3), message(4), message(4), gap(5)), listOf(gap(5), message(4)))
})
