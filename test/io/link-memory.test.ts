import test from 'ava'
import { HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from '../../src/io/limits.ts'
import { LinkMemory } from '../../src/io/link-memory.ts'
import type { LinkId } from '../../src/mesh/inputs.ts'

/** A memory that closes links as the driver does, and links that hold what a test sets. */
function memory() {
  const closed: LinkId[] = []
  const held = new Map<LinkId, { heldBytes: number }>()
  const links = new LinkMemory((link) => {
    closed.push(link)
    links.leaving(link)
  })
  /** A link now holds so many bytes. */
  const holds = (link: LinkId, heldBytes: number): void => {
    const holder = held.get(link) ?? { heldBytes: 0 }
    const before = holder.heldBytes
    holder.heldBytes = heldBytes
    held.set(link, holder)
    links.changed(link, holder, before)
  }
  /** The kernel or the peer took all of it, which nobody is told. */
  const drains = (link: LinkId): void => {
    const holder = held.get(link)
    if (holder !== undefined) holder.heldBytes = 0
  }
  return { closed, holds, drains, links }
}

const FULL = HELD_BYTES_MAX / LINK_HELD_BYTES_MAX

test('link memory - closes a link with more than the most, at once', (t) => {
  const { closed, holds } = memory()
  holds(1, LINK_HELD_BYTES_MAX)
  t.deepEqual(closed, [])
  holds(1, LINK_HELD_BYTES_MAX + 1)
  t.deepEqual(closed, [1])
})

test('link memory - closes as many as it takes for all to stay below the most, the oldest first', (t) => {
  const { closed, holds } = memory()
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  t.deepEqual(closed, [])
  holds(FULL + 1, 1)
  t.deepEqual(closed, [1])
  holds(FULL + 2, LINK_HELD_BYTES_MAX)
  t.deepEqual(closed, [1, 2])
})

test('link memory - closes no link that holds less than its share, which shrinks with their number', (t) => {
  const { closed, holds } = memory()
  const share = HELD_BYTES_MAX / 1_000
  holds(1, share / 2)
  for (let link = 2; link <= 1_001; link += 1) holds(link, share + 1_000)
  t.false(closed.includes(1))
  t.is(closed[0], 2)
  const kept = 1_000 - closed.length
  t.true(kept * (share + 1_000) <= HELD_BYTES_MAX)
  t.true((kept + 2) * (share + 1_000) > HELD_BYTES_MAX)
})

test('link memory - the time of a link begins again once it held nothing', (t) => {
  const { closed, holds, drains } = memory()
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  drains(1)
  holds(1, LINK_HELD_BYTES_MAX)
  holds(FULL + 1, LINK_HELD_BYTES_MAX)
  t.deepEqual(closed, [2])
})

test('link memory - what is read does not count', (t) => {
  const { closed, holds, drains } = memory()
  for (let link = 1; link <= 10 * FULL; link += 1) {
    holds(link, LINK_HELD_BYTES_MAX)
    drains(link)
  }
  t.deepEqual(closed, [])
})

test('link memory - has no room for more than the most, until a closed link is gone', (t) => {
  const { closed, holds, links } = memory()
  t.true(links.makeRoom(HELD_BYTES_MAX))
  t.false(links.makeRoom(HELD_BYTES_MAX + 1))
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  t.false(links.makeRoom(1))
  t.deepEqual(closed, [1])
  t.false(links.makeRoom(1))
  t.deepEqual(closed, [1])
  links.gone(1)
  t.true(links.makeRoom(1))
})
