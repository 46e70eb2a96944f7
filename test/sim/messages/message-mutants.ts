/**
 * The rules of messages, each with a way to break it, as in
 * mutants.ts. What else breaks them turns tests of test/pubsub red.
 */

import type { Mutant } from '../mutants.ts'

const BROKEN: readonly Mutant[] = [
  {
    mechanism: 'feeds: items are joined up to a limit',
    seed: 0,
    file: 'pubsub/publisher.ts',
    search: 'if (bytes > joinedBytesMax) break',
    replace: '',
  },
  {
    mechanism: 'wire: only to peers that announced messages',
    seed: 0,
    file: 'mesh/mesh.ts',
    search: 'if (identity?.messages !== true) return',
    replace: 'if (identity === undefined) return',
  },
  {
    mechanism: 'start: what was published since the node runs is wanted',
    seed: 0,
    file: 'pubsub/feed-requests.ts',
    search: 'return Math.round(nowMs - this.#startedMs + this.#suspendedMs) + START_MARGIN_MS',
    replace: 'return START_MARGIN_MS',
  },
  {
    mechanism: 'start: a gap says that the log begins inside the window',
    seed: 0,
    file: 'pubsub/outlets.ts',
    search: 'if (isCut) this.#sendGone(outlet, feed, from, nowMs)',
    replace: '',
  },
  {
    mechanism: 'start: time on its way hides nothing of a sender',
    seed: 415,
    file: 'pubsub/outlets.ts',
    search: 'isOwn && !outlet.cursors.has(feed.id) ? outlet.openedMs : nowMs',
    replace: 'nowMs',
  },
  {
    mechanism: 'reconnect: what came before is skipped',
    seed: 0,
    file: 'pubsub/inlets.ts',
    search: 'if (from + count <= feed.next) return',
    replace: '',
  },
  {
    mechanism: 'reconnect: the cursor is named',
    seed: 0,
    file: 'pubsub/feed-requests.ts',
    search: 'const data = from === undefined ?',
    replace: 'const data = from !== 0 ?',
  },
  {
    mechanism: 'reconnect: one rewind a second',
    seed: 41,
    file: 'pubsub/rewind-budget.ts',
    search: 'this.#sentMs + WANT_PAUSE_MS',
    replace: 'this.#sentMs',
  },
  {
    mechanism: 'owner gone: its feed is told again after a while',
    seed: 3,
    scenario: 'death',
    file: 'pubsub/orphans.ts',
    search: 'this.#isNews ? FEEDS_AGAIN_MS : FEEDS_REPAIR_MS',
    replace: 'FEEDS_REPAIR_MS',
  },
  {
    mechanism: 'owner gone: its feed is told',
    scenario: 'death',
    seed: 0,
    file: 'pubsub/orphans.ts',
    search:
      'for (const link of this.#draw([...this.#options.links()], FEEDS_PEERS)) this.#tell(link, feeds)',
    replace: 'void FEEDS_PEERS',
  },
  {
    mechanism: 'owner gone: whoever gains tells again',
    scenario: 'death',
    seed: 12,
    file: 'pubsub/inlets.ts',
    search: 'if (relayed) this.#options.onRelayed(feed, nowMs)',
    replace: '',
  },
  {
    mechanism: 'owner gone: no gap where nothing is missing',
    seed: 92,
    file: 'pubsub/orphans.ts',
    search: 'if (first > feed.next) {',
    replace: '{',
  },
  {
    mechanism: 'owner back: one that has published nothing says so',
    seed: 640,
    file: 'pubsub/outlets.ts',
    search: 'if (next === 1) outlet.cursors.set(id, 1)\n    this.#sendFeed(outlet)',
    replace: 'if (next === 1) outlet.cursors.set(id, 1)\n    else this.#sendFeed(outlet)',
  },
  {
    mechanism: 'owner back: what is taken back has no gaps in it',
    seed: 1_148,
    file: 'pubsub/log.ts',
    search: 'for (const placed of feed.dropGapsFrom(feed.next)) {',
    replace: 'for (const placed of feed.dropGapsFrom(Number.POSITIVE_INFINITY)) {',
  },
  {
    mechanism: 'voice: nothing is relayed while the owner is linked',
    seed: 92,
    file: 'pubsub/inlet.ts',
    search: "(inlet.verified && inlet.peer === feed) ? 'owner' : 'none'",
    replace: "(inlet.verified && inlet.peer === feed) ? 'owner' : 'relay'",
  },
  {
    mechanism: 'voice: between machines nothing is relayed',
    seed: 4,
    file: 'pubsub/inlet.ts',
    search: "return this.#takesRelayed || inlet.trusted ? 'relay' : 'none'",
    replace: "return this.#takesRelayed || inlet.trusted ? 'relay' : 'relay'",
  },
  {
    mechanism: 'limits: the log is bounded',
    seed: 0,
    file: 'pubsub/log.ts',
    search: 'const isWithin = this.bytes <= bytes || this.#isNewest(oldest)',
    replace: 'const isWithin = this.bytes <= 1e9 || this.#isNewest(oldest)',
  },
  {
    mechanism: 'limits: the log forgets by age as it says',
    seed: 4,
    file: 'pubsub/log.ts',
    search: 'if (ageMs + timeOf(oldest.entry) > nowMs && isWithin) return',
    replace: 'if (timeOf(oldest.entry) > nowMs - ageMs && isWithin) return',
  },
  {
    mechanism: 'limits: feeds that a link makes known',
    seed: 8,
    file: 'pubsub/inlet.ts',
    search: 'if (foreign.size >= UNKNOWN_FEEDS_PER_LINK_MAX) return false',
    replace: '',
  },
  {
    mechanism: 'back-pressure: a full link gets no more',
    seed: 49,
    file: 'pubsub/outlets.ts',
    search: '    if (isFull) return\n',
    replace: '',
  },
  {
    mechanism: 'back-pressure: a full link that pauses has no timer',
    seed: 54,
    file: 'pubsub/outlets.ts',
    search: '    if (pausedUntilMs > nowMs) return\n',
    replace: '    if (isFull || pausedUntilMs > nowMs) return\n',
  },
  {
    mechanism: 'back-pressure: a link that has drained goes on',
    seed: 1,
    file: 'pubsub/outlets.ts',
    search: '      outlet.isFull = false\n',
    replace: '      void outlet.isFull\n',
  },
]

export const MESSAGE_MUTANTS: readonly Mutant[] = BROKEN.map((mutant) => ({
  scenario: 'messages',
  ...mutant,
}))
