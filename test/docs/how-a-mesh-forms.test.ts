/** docs/HOW-A-MESH-FORMS.md: the diagrams are what cores do, the numbers are those of the code. */

import test, { type ExecutionContext } from 'ava'
import {
  DIALS_MAX,
  FAILURES_BEFORE_DROPPING,
  FIRST_REDIAL_DIVISOR,
  FORGET_AFTER_MS,
  LATE_SILENCE_FRACTION_MAX,
  LOSS_PAUSE_FRACTION_MIN,
  LOST_TOGETHER_MS,
  RETURN_PAUSE_FACTOR_MAX,
  RETURN_PAUSE_FRACTION,
  TIE_BREAK_MS_MIN,
  TIE_BREAK_QUIESCENCE_MS_MAX,
  YOUNG_FACTOR,
  YOUNG_PING_FACTOR,
} from '../../src/mesh/limits.ts'
import { answerMs } from '../../src/mesh/links/liveness.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { at, TestNode } from '../helpers/core.ts'
import { blocksIn, read, section } from './markdown.ts'
import { SequenceDiagram } from './sequence-diagram.ts'

const PAGE = 'docs/HOW-A-MESH-FORMS.md'

/** Long enough for everything but verification, which comes a second later. */
const SETTLED_MS = 400

function node(port: number, ...knownPeers: readonly number[]): TestNode {
  return new TestNode({ port, knownPeers: knownPeers.map(at) })
}

/** To renew a diagram, copy what this prints; commit only a change that you can explain. */
function isDrawn(t: ExecutionContext, heading: string, diagram: SequenceDiagram) {
  t.is(blocksIn(section(PAGE, heading), 'text').join(), diagram.text)
}

test('how a mesh forms - two nodes', (t) => {
  const [first, second] = [node(4001), node(4002, 4001)]
  const diagram = new SequenceDiagram([first, second])
  diagram.start([first], 1)
  diagram.start([second], SETTLED_MS)
  isDrawn(t, 'Two nodes', diagram)
})

test('how a mesh forms - a third node', (t) => {
  const [first, second, third] = [node(4001), node(4002, 4001), node(4003, 4001)]
  const diagram = new SequenceDiagram([first, second, third])
  diagram.startUndrawn([first, second], SETTLED_MS)
  diagram.start([third], SETTLED_MS)
  isDrawn(t, 'A third node', diagram)
  for (const one of [first, second, third]) t.is(one.connected.length, 2)
})

test('how a mesh forms - two nodes that start at the same time dial once', (t) => {
  const [first, second, third] = [node(4001), node(4002, 4001), node(4003, 4001)]
  const diagram = new SequenceDiagram([first, second, third])
  diagram.startUndrawn([first], SETTLED_MS)
  diagram.start([second, third], SETTLED_MS)
  isDrawn(t, 'Tie-break for simultaneous dials', diagram)
})

test('how a mesh forms - the duplicate rule', (t) => {
  const nodes = [node(4001, 4002), node(4002, 4001)]
  const diagram = new SequenceDiagram(nodes)
  diagram.start(nodes, SETTLED_MS)
  isDrawn(t, 'Duplicate rule', diagram)
  for (const { linkIds } of nodes) t.is(linkIds.length, 1)
})

test('how a mesh forms - verification of a claim', (t) => {
  const nodes = [node(4001), node(4002, 4001)]
  const diagram = new SequenceDiagram(nodes)
  diagram.start(nodes, DEFAULT_TIMINGS.verifyMs + SETTLED_MS)
  isDrawn(t, 'Claims and verification', diagram)
})

test('how a mesh forms - the numbers are those of the code', (t) => {
  const text = read(PAGE).replaceAll(/\s+/g, ' ')
  const { redialMinMs, redialMaxMs, stableAfterMs, duplicateProbeMs } = DEFAULT_TIMINGS
  const { pingAfterMs, silentAfterMs, antiEntropyMs } = DEFAULT_TIMINGS
  for (const sentence of [
    `At most ${DIALS_MAX} dials are open at once`,
    `at least ${TIE_BREAK_MS_MIN} ms. It waits ${TIE_BREAK_QUIESCENCE_MS_MAX / 1000} s at most`,
    `no answer comes within ${duplicateProbeMs / 1000} s`,
    `The bound is ${redialMinMs / 1000} s at first, doubles with each failure up to ${redialMaxMs / 1000} s, and is reset when a link has lasted ${stableAfterMs / 1000} s`,
    `the pause is at least ${(redialMinMs / 1000) * LOSS_PAUSE_FRACTION_MIN} s`,
    `lost within ${LOST_TOGETHER_MS / 1000} s and a dial of one is refused`,
    `at least ${(redialMinMs / 1000) * RETURN_PAUSE_FRACTION} s for each other peer that was lost, up to ${(redialMinMs / 1000) * RETURN_PAUSE_FACTOR_MAX} s`,
    `the first bound is 1/${FIRST_REDIAL_DIVISOR} s`,
    `forgotten after ${['', 'one', 'two', 'three', 'four', 'five'][FAILURES_BEFORE_DROPPING]} failed dials if it was never reached, and ${FORGET_AFTER_MS / 3_600_000} hours`,
    `silent for ${pingAfterMs / 1000} s gets a ping, and is closed with 4005 after ${silentAfterMs / 1000} s`,
    `does not count as silence, up to ${(silentAfterMs / 1000) * LATE_SILENCE_FRACTION_MAX} s`,
    `In the first ${(pingAfterMs / 1000) * YOUNG_FACTOR} s of a link, while nodes join, it is pinged only after ${(pingAfterMs / 1000) * YOUNG_PING_FACTOR} s`,
    `has at least ${answerMs(DEFAULT_TIMINGS) / 1000} s to be answered`,
    `about every ${antiEntropyMs / 1000} s`,
  ]) {
    t.true(text.includes(sentence), sentence)
  }
})
