/** The rules of messages, each with a way to break it, as in mutants.ts. */

import type { Mutant } from '../mutants.ts'

type MessageMutant = Omit<Mutant, 'scenario'>

const BROKEN: readonly MessageMutant[] = [
  {
    mechanism: 'feeds: items are joined up to a limit',
    seed: 0,
    file: 'pubsub/pubsub.ts',
    search: 'if (bytes > FRAME_BYTES_MAX) break',
    replace: '',
  },
  {
    mechanism: 'feeds: links share a frame only at one place',
    seed: 0,
    file: 'pubsub/outlets.ts',
    search: 'if (last?.chunk === chunk && last.from === from) return last.text',
    replace: 'if (last !== undefined) return last.text',
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
    file: 'pubsub/inlets.ts',
    search: 'return Math.round(nowMs - this.#options.startedMs) + START_MARGIN_MS',
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
    mechanism: 'reconnect: what came before is skipped',
    seed: 0,
    file: 'pubsub/inlets.ts',
    search: 'if (from + count <= feed.next) return',
    replace: '',
  },
  {
    mechanism: 'reconnect: the cursor is named',
    seed: 0,
    file: 'pubsub/inlets.ts',
    search: 'else this.#want(inlet, feed, nowMs)\n  }',
    replace: '}',
  },
  {
    mechanism: 'reconnect: one rewind a second',
    seed: 26,
    file: 'pubsub/outlets.ts',
    search: 'const waitMs = Math.max(WANT_PAUSE_MS, ',
    replace: 'const waitMs = Math.max(0, ',
  },
  {
    mechanism: 'voice: nothing is relayed while the owner is linked',
    seed: 8,
    file: 'pubsub/inlets.ts',
    search: "(inlet.verified && inlet.peer === feed) ? 'owner' : 'none'",
    replace: "(inlet.verified && inlet.peer === feed) ? 'owner' : 'relay'",
  },
  {
    mechanism: 'voice: between machines nothing is relayed',
    seed: 10,
    file: 'pubsub/inlets.ts',
    search: "return takesRelayed ? 'relay' : 'none'",
    replace: "return takesRelayed ? 'relay' : 'relay'",
  },
  {
    mechanism: 'limits: the log is bounded',
    seed: 0,
    file: 'pubsub/log.ts',
    search: 'const isWithin = this.#bytes <= this.#bounds.bytes || isLast',
    replace: 'const isWithin = this.#bytes <= 1e9 || isLast',
  },
  {
    mechanism: 'limits: feeds that a link makes known',
    seed: 8,
    file: 'pubsub/inlets.ts',
    search: 'inlet.foreign.size > UNKNOWN_FEEDS_PER_LINK_MAX',
    replace: 'inlet.foreign.size > 2 * UNKNOWN_FEEDS_PER_LINK_MAX',
  },
  {
    mechanism: 'back-pressure: a full link gets no more',
    seed: 0,
    file: 'pubsub/outlets.ts',
    search: 'if (isFull) return false',
    replace: '',
  },
  {
    mechanism: 'back-pressure: a link that has drained goes on',
    seed: 0,
    file: 'pubsub/outlets.ts',
    search: '    outlet.isFull = false\n    outlet.unconfirmedBytes = 0\n',
    replace: '',
  },
]

export const MESSAGE_MUTANTS: readonly Mutant[] = BROKEN.map((mutant) => ({
  ...mutant,
  scenario: 'messages',
}))
