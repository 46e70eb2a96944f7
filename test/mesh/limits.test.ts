/** Pins the numbers in docs/PROTOCOL.md, so that none changes by mistake. */

import test from 'ava'
import * as sockets from '../../src/io/limits.ts'
import * as limits from '../../src/mesh/limits.ts'
import { brokenRelation, DEFAULT_TIMINGS, type Timings } from '../../src/mesh/timings.ts'

test('limits - have the documented values', (t) => {
  t.deepEqual(
    { ...limits, ...sockets },
    {
      ACCEPTED_LINKS_MAX: 1_200,
      ADDRESS_BYTES_MAX: 256,
      ALIASES_MAX: 1_024,
      BOOK_ADDRESSES_MAX: 4_096,
      DIAL_BACK_PAUSE_MS_MIN: 1_000,
      CLOSE_TIMEOUT_MS: 500,
      CONNECTIONS_MAX: 1_456,
      UNPROVEN_MAX: 128,
      UNPROVEN_BYTES_MAX: 1_032,
      WITHDRAWN_MS_MAX: 50_000,
      SECRET_PROBLEMS_MAX: 256,
      PROVEN_ADDRESSES_MAX: 4_096,
      TIE_BREAK_QUIESCENCE_MS_MAX: 5_000,
      SHARED_NAME_REDIAL_MS: 30_000,
      TIE_BREAK_DIALS: 6,
      TIE_BREAK_MS_MAX: 60_000,
      TIE_BREAK_MS_MIN: 250,
      CONTEST_PAUSE_MS_MIN: 2_000,
      DIALS_LEARNED_MAX: 24,
      DIALS_MAX: 32,
      DIALS_RESERVED: 8,
      DIALED_IPS_MAX: 4_096,
      DIAL_IPS_LEARNED_MAX: 4,
      DIAL_IPS_MAX: 16,
      DIAL_IP_MISSED_MS: 30_000,
      DIALS_OF_CLASS_MIN: 3,
      DIALS_LIMITED_PAUSE_MS: 60_000,
      DIAL_BUDGET_HOSTS_MAX: 4_096,
      HOST_DIALS_BURST: 256,
      TAUGHT_LINKS_MAX: 2_048,
      UNVERIFIED_LINKS_MIN: 128,
      NAMED_CLAIMS_PER_HOST_MAX: 256,
      HOST_DIALS_PER_SECOND: 8,
      TEACHER_DIALS_BURST: 1_024,
      TEACHER_DIALS_PER_SECOND: 16,
      SOURCE_ADDRESSES_MAX: 256,
      TAUGHT_ADDRESSES_MAX: 1_024,
      TEACHERS_MAX: 4,
      DIAL_LATE_MS: 20,
      DIAL_TIMEOUT_FACTOR_MAX: 4,
      FIRST_REDIAL_DIVISOR: 16,
      LAST_CLOSE_REASONS_MAX: 1_024,
      FAILURES_BEFORE_DROPPING: 5,
      FORGET_AFTER_MS: 86_400_000,
      FORGOTTEN_ADDRESSES_MAX: 1_024,
      FRAGMENTS_MAX: 1_024,
      FRAMES_PER_TURN_MAX: 4,
      FRAME_BYTES_MAX: 262_144,
      HANDSHAKE_ADDRESSES_MAX: 1_000,
      GONE_SHOWN_MS: 600_000,
      IDLE_MS: 5_000,
      KEEP_ALIVE_MS: 60_000,
      KEPT_OPEN_MAX: 128,
      CONNECTING_HOSTS_MAX: 4_096,
      CONNECTS_BURST: 256,
      CONNECTS_PER_SECOND: 32,
      LATE_SILENCE_FRACTION_MAX: 1 / 3,
      YOUNG_FACTOR: 4,
      YOUNG_PING_FACTOR: 2,
      UNANSWERED_CHECK_MS: 1_000,
      LEARN_BURST: 1_000,
      LEARN_PER_SECOND: 10,
      LINKS_ASK_PAUSE_MS: 600,
      LINKS_PAUSE_MS: 500,
      LINKS_PER_PEER_MAX: 4,
      LINKS_SHOWN_MS: 10_000,
      LINKS_STRANGE_MAX: 64,
      LINKS_TIMEOUT_MS: 5_000,
      LOOKUPS_KEPT: 1,
      LOOKUPS_MAX: 2,
      LOOKUP_FRESH_MS: 5_000,
      LOOKUP_HANGS_MS: 1_800,
      LOOKUP_IPS_MAX: 64,
      LOOKUP_NAMES_MAX: 1_024,
      LOOKUP_STALE_MS: 3_600_000,
      LOOKUP_WAIT_MS: 5_000,
      LOOKUP_WAIT_OPERATOR_MS: 30_000,
      LOSS_PAUSE_FRACTION_MIN: 0.25,
      LOST_TOGETHER_MS: 20_000,
      RETURN_PAUSE_FACTOR_MAX: 10,
      RETURN_PAUSE_FRACTION: 0.2,
      OWN_ADDRESS_CHECK_MS: 30_000,
      OWN_ALIAS_MS_MAX: 30_000,
      OWN_ALIAS_PAUSES_MS: [1_000, 2_000, 5_000, 10_000, 30_000],
      PLACE_ADDRESSES_MAX: 8,
      PROGRESS_LOOK_MS: 500,
      QUEUE_ADDRESSES_MAX: 8_192,
      NODE_DATA_BYTES_MAX: 1_024,
      NODE_DATA_PAUSE_MS: 1_000,
      NODE_DATA_READ_COST: 100,
      NODE_DATA_WAIT_MS: 5_000,
      READ_BURST: 20_000,
      READ_PER_SECOND: 200,
      ROUND_TRIP_SHOWN_MS: 10_000,
      RUNTIME_CHARS_MAX: 64,
      LINKS_WITHOUT_HANDSHAKE_MAX: 128,
      SCOPES_MAX: 1_024,
      SILENT_SHOWN_MS: 5_000,
      TIMER_MS_MAX: 2_147_483_647,
      VERIFY_PAUSE_MS_MAX: 10_000,
      INTRODUCERS_MAX: 8,
      FRAME_COST_BYTES: 1_024,
      HELD_BYTES_MAX: 33_554_432,
      HOST_BYTES_BURST: 67_108_864,
      HOST_BYTES_PER_SECOND: 16_777_216,
      LINK_BYTES_BURST: 4_194_304,
      LINK_BYTES_PER_SECOND: 2_097_152,
      LINK_HELD_BYTES_MAX: 1_048_576,
      MESSAGE_BYTES_PER_SECOND: 268_435_456,
      MESSAGE_COST_BYTES: 128,
      PIECE_BYTES: 512,
      READ_PAUSE_MS: 20,
      SILENT_MS_MAX: 1_000,
      SPARED_BYTES_BURST: 327_680,
      SPARED_BYTES_PER_SECOND: 16_384,
      SUSPENDED_MS_MIN: 1_000,
    },
  )
})

test('limits - the default timings have the documented values', (t) => {
  t.deepEqual(DEFAULT_TIMINGS, {
    dialTimeoutMs: 5_000,
    redialMinMs: 1_000,
    redialMaxMs: 60_000,
    stableAfterMs: 15_000,
    handshakeTimeoutMs: 6_000,
    pingAfterMs: 15_000,
    silentAfterMs: 45_000,
    duplicateProbeMs: 2_000,
    antiEntropyMs: 30_000,
    verifyMs: 1_000,
  })
})

test('limits - the default timings fit together', (t) => {
  t.is(brokenRelation(DEFAULT_TIMINGS), undefined)
})

test('limits - timings that do not fit together are reported', (t) => {
  const relation = (change: Partial<Timings>) => brokenRelation({ ...DEFAULT_TIMINGS, ...change })
  t.regex(relation({ redialMinMs: 60_001 }) ?? '', /redialMinMs/)
  t.is(relation({ redialMinMs: 60_000 }), undefined)
  t.regex(relation({ pingAfterMs: 45_000 }) ?? '', /pingAfterMs/)
  t.is(relation({ pingAfterMs: 44_999 }), undefined)
  t.regex(relation({ dialTimeoutMs: 6_000 }) ?? '', /dialTimeoutMs/)
  t.is(relation({ dialTimeoutMs: 5_999 }), undefined)
})

test('limits - a HANDSHAKE of the most and longest addresses fits a frame', (t) => {
  const longest = 'a'.repeat(limits.ADDRESS_BYTES_MAX)
  const data = Array(limits.HANDSHAKE_ADDRESSES_MAX).fill(longest)
  const bytes = Buffer.byteLength(JSON.stringify({ type: 'HANDSHAKE', data }))
  t.true(bytes <= limits.FRAME_BYTES_MAX, `${bytes}`)
})

test('limits - a link may hold a HANDSHAKE each way, and what closes it at the latest', (t) => {
  const { FRAME_BYTES_MAX } = limits
  const { FRAGMENTS_MAX, LINK_HELD_BYTES_MAX, PIECE_BYTES } = sockets
  t.true(2 * FRAME_BYTES_MAX < LINK_HELD_BYTES_MAX)
  t.true(FRAME_BYTES_MAX + FRAGMENTS_MAX * PIECE_BYTES < LINK_HELD_BYTES_MAX)
})

test('limits - one peer alone cannot fill the book', (t) => {
  t.true(limits.LEARN_BURST >= limits.HANDSHAKE_ADDRESSES_MAX)
  t.true(limits.LEARN_BURST < limits.BOOK_ADDRESSES_MAX)
  t.true(limits.LINKS_WITHOUT_HANDSHAKE_MAX < limits.ACCEPTED_LINKS_MAX)
  t.true(limits.TAUGHT_ADDRESSES_MAX >= limits.HANDSHAKE_ADDRESSES_MAX)
  t.true(2 * limits.DIALS_OF_CLASS_MIN < limits.DIALS_RESERVED)
  t.true(limits.DIALS_RESERVED < limits.DIALS_MAX)
})
