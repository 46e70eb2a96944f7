/** test/examples/recording-svg.ts: terminals and their times as a picture. */

import test from 'ava'
import {
  type Chunk,
  COLUMN_WIDTH,
  END_MS,
  LINE_HEIGHT,
  MARGIN,
  PAUSE_MS_MAX,
  recordingSvg,
} from './recording-svg.ts'

const chunk = (atMs: number, text: string, isTyped = false): Chunk => ({ atMs, text, isTyped })

/** The texts with their places and times, as parts of the loop. */
function textsOf(svg: string) {
  const [, loopS = ''] = /animation: ([\d.]+)s step-end infinite/.exec(svg) ?? []
  return [...svg.matchAll(/<text class="(t\d+)" x="([\d.]+)" y="(\d+)" [^>]*>([^<]*)</g)].map(
    ([, time, x, y, text]) => {
      const keyframes = new RegExp(`${time} { 0% { opacity: 0 } ([\\d.]+)% { opacity: 1 } }`)
      const [, percent] = keyframes.exec(svg) ?? []
      return {
        text,
        column: Math.round((Number(x) - MARGIN) / COLUMN_WIDTH),
        row: Math.floor((Number(y) - MARGIN) / LINE_HEIGHT),
        atMs: Math.round((Number(percent) * Number(loopS)) / 10) * 100,
      }
    },
  )
}

test('recording - each text has its place and its time, and long pauses are cut', (t) => {
  const chunks = [
    chunk(1_000, '$ '),
    chunk(1_500, 'node ', true),
    chunk(1_600, 'chat\n', true),
    chunk(9_000, 'one\n  two\n'),
  ]
  const [prompt, ...others] = textsOf(recordingSvg([chunks], 'title'))
  t.deepEqual([prompt?.row, prompt?.column], [0, 0])
  const sinceMs = (ms: number) => (prompt?.atMs ?? 0) + ms
  t.deepEqual(others, [
    { text: 'node ', row: 0, column: 2, atMs: sinceMs(500) },
    { text: 'chat', row: 0, column: 7, atMs: sinceMs(600) },
    { text: 'one', row: 1, column: 0, atMs: sinceMs(600 + PAUSE_MS_MAX) },
    { text: '  two', row: 2, column: 0, atMs: sinceMs(600 + PAUSE_MS_MAX) },
  ])
})

test('recording - terminals stand side by side, and what comes at once is shown at once', (t) => {
  const svg = recordingSvg([[chunk(0, 'left')], [chunk(0, 'right'), chunk(700, '!')]], 'title')
  const [left, right, last] = textsOf(svg)
  t.is(left?.atMs, right?.atMs)
  t.is((last?.atMs ?? 0) - (right?.atMs ?? 0), 700)
  t.true((right?.column ?? 0) > 6)
  const [, loopS] = /animation: ([\d.]+)s/.exec(svg) ?? []
  t.is(Number(loopS) * 1000, (last?.atMs ?? 0) + END_MS)
})

test('recording - it moves only where motion is welcome, and text stays text', (t) => {
  const svg = recordingSvg([[chunk(0, 'a && b <c>')]], 'a & b')
  const [, style = ''] = /<style>([\s\S]*)<\/style>/.exec(svg) ?? []
  t.regex(style, /^\n@media \(prefers-reduced-motion: no-preference\) {[\s\S]*\n}\n$/)
  t.notRegex(svg, /<script|href=|url\(/)
  t.regex(svg, />a &amp;&amp; b &lt;c&gt;</)
  t.regex(svg, /<title>a &amp; b<\/title>/)
})
