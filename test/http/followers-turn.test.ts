/** What all followers together are sent in one turn of the event loop. */

import test, { type ExecutionContext } from 'ava'
import { Followers } from '../../src/http/followers.ts'
import { FOLLOWERS_CHARS_MAX, FOLLOWERS_MAX, FOLLOWERS_STEPS_MAX } from '../../src/http/limits.ts'
import type { TopicFacts } from '../../src/http/site.ts'
import { EventReader } from '../helpers/event-reader.ts'
import { serveFollowers } from '../helpers/followers-server.ts'
import { TestTopics } from '../helpers/test-topics.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** As many followers as there can be, and what was made for them so far. */
async function stageOf(t: ExecutionContext) {
  const topics = new TestTopics(1)
  const facts = topics.facts()
  const made = { events: 0, chars: 0 }
  const subscribe: TopicFacts['subscribe'] = (pattern, form, from) => {
    const message: typeof form.message = (...item) => {
      const text = form.message(...item)
      made.events += 1
      made.chars += text.length
      return text
    }
    return facts.subscribe(pattern, { ...form, message }, from)
  }
  const followers = new Followers({ ...facts, subscribe, run: topics.feed })
  const port = await serveFollowers(t, followers)
  const open = Array.from({ length: FOLLOWERS_MAX }, () => EventReader.open(t, port, '/'))
  const readers = await Promise.all(open)
  const allGet = (count: number): Promise<void> =>
    waitUntil(
      () => readers.every(({ events }) => events.length === count),
      () => `${count}, got ${readers.map(({ events }) => events.length).join()}`,
    )
  return { topics, followers, made, allGet }
}

test('topics - followers are sent so many entries in a turn, and the rest in the next', async (t) => {
  const { topics, followers, made, allGet } = await stageOf(t)
  const count = FOLLOWERS_STEPS_MAX / FOLLOWERS_MAX + 1
  for (let n = 0; n < count; n += 1) topics.publish('a', n)
  followers.wake()
  t.is(made.events, FOLLOWERS_STEPS_MAX)
  // Of what comes meanwhile, too.
  followers.wake()
  t.is(made.events, FOLLOWERS_STEPS_MAX)
  await allGet(count)
})

test('topics - followers are sent so many characters in a turn, each some of them', async (t) => {
  const { topics, followers, made, allGet } = await stageOf(t)
  const chars = 100_000
  for (let n = 0; n < 2; n += 1) topics.publish('a', 'x'.repeat(chars))
  followers.wake()
  t.true(made.chars >= FOLLOWERS_CHARS_MAX)
  t.true(made.chars < FOLLOWERS_CHARS_MAX + 2 * chars)
  await allGet(2)
})
