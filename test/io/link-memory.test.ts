import test from 'ava'
import { HELD_BYTES_MAX, LINK_HELD_BYTES_MAX } from '../../src/io/limits.ts'
import { LinkMemory } from '../../src/io/link-memory.ts'
import type { LinkId } from '../../src/mesh/inputs.ts'

/** A memory, links that hold what a test sets, and which of them it has dropped. */
function memory() {
  const dropped: LinkId[] = []
  const held = new Map<LinkId, { heldBytes: number }>()
  const links = new LinkMemory((link) => {
    dropped.push(link)
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
  return { dropped, holds, drains, links }
}

const FULL = HELD_BYTES_MAX / LINK_HELD_BYTES_MAX

test('link memory - drops a link with more than the most, at once', (t) => {
  const { dropped, holds } = memory()
  holds(1, LINK_HELD_BYTES_MAX)
  t.deepEqual(dropped, [])
  holds(1, LINK_HELD_BYTES_MAX + 1)
  t.deepEqual(dropped, [1])
})

test('link memory - drops as many as it takes for all to stay below the most, the oldest first', (t) => {
  const { dropped, holds } = memory()
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  t.deepEqual(dropped, [])
  holds(FULL + 1, 1)
  t.deepEqual(dropped, [1])
  holds(FULL + 2, LINK_HELD_BYTES_MAX)
  t.deepEqual(dropped, [1, 2])
})

test('link memory - drops no link that holds less than its share, which shrinks with their number', (t) => {
  const { dropped, holds } = memory()
  const share = HELD_BYTES_MAX / 1_000
  holds(1, share / 2)
  for (let link = 2; link <= 1_001; link += 1) holds(link, share + 1_000)
  t.false(dropped.includes(1))
  t.is(dropped[0], 2)
  const kept = 1_000 - dropped.length
  t.true(kept * (share + 1_000) <= HELD_BYTES_MAX)
  t.true((kept + 2) * (share + 1_000) > HELD_BYTES_MAX)
})

test('link memory - the time of a link begins again once it held nothing', (t) => {
  const { dropped, holds, drains } = memory()
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  drains(1)
  holds(1, LINK_HELD_BYTES_MAX)
  holds(FULL + 1, LINK_HELD_BYTES_MAX)
  t.deepEqual(dropped, [2])
})

test('link memory - what is read does not count', (t) => {
  const { dropped, holds, drains } = memory()
  for (let link = 1; link <= 10 * FULL; link += 1) {
    holds(link, LINK_HELD_BYTES_MAX)
    drains(link)
  }
  t.deepEqual(dropped, [])
})

test('link memory - has room for no more than the most, for which it drops links', (t) => {
  const { dropped, holds, links } = memory()
  t.true(links.makeRoom(HELD_BYTES_MAX))
  t.false(links.makeRoom(HELD_BYTES_MAX + 1))
  for (let link = 1; link <= FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  t.true(links.makeRoom(LINK_HELD_BYTES_MAX))
  t.deepEqual(dropped, [1])
  t.true(links.makeRoom(LINK_HELD_BYTES_MAX + 1))
  t.deepEqual(dropped, [1, 2])
})

test('link memory - each has room for its share, whoever asks last', (t) => {
  const { dropped, holds, links } = memory()
  const share = HELD_BYTES_MAX / 64
  for (let link = 1; link < 64; link += 1) holds(link, share - 1)
  t.true(links.makeRoom(share + 63))
  t.false(links.makeRoom(share + 64))
  t.deepEqual(dropped, [])
})

test('link memory - drops first those that are being closed, however much they hold', (t) => {
  const { dropped, holds, links } = memory()
  for (let link = 1; link < FULL; link += 1) holds(link, LINK_HELD_BYTES_MAX)
  for (const link of [FULL, FULL + 1]) {
    links.leaving(link)
    holds(link, LINK_HELD_BYTES_MAX / 2)
  }
  t.deepEqual(dropped, [])
  t.true(links.makeRoom(1))
  t.deepEqual(dropped, [FULL])
  // What comes on a link that is being closed is no reason to close another.
  holds(FULL + 1, HELD_BYTES_MAX)
  t.deepEqual(dropped, [FULL, FULL + 1])
})

test('link memory - a link that is being closed may hold more than others', (t) => {
  const { dropped, holds, links } = memory()
  links.leaving(1)
  holds(1, LINK_HELD_BYTES_MAX + 1)
  t.deepEqual(dropped, [])
})
