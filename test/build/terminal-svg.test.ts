/** build/terminal-svg.ts: output of a terminal as a picture. */

import { styleText } from 'node:util'
import test from 'ava'
import { terminalSvg } from '../../build/terminal-svg.ts'

/** The texts with their columns, lines and styles. */
function textsOf(svg: string) {
  return [...svg.matchAll(/<text x="([\d.]+)" y="(\d+)" fill="([^"]+)"([^>]*)>([^<]*)</g)].map(
    ([, x, y, fill, more = '', text]) => ({
      column: Math.round((Number(x) - 18) / 8.43),
      row: Math.floor((Number(y) - 18) / 20),
      isPlain: fill === '#e6ebf2' && more === '',
      text,
    }),
  )
}

function colour(style: 'green' | 'bold' | 'dim', text: string): string {
  return styleText(style, text, { validateStream: false })
}

test('terminal svg - what is a column in a terminal is one in the picture', (t) => {
  t.deepEqual(textsOf(terminalSvg(['one two   three', '', '          four'], 'title')), [
    { column: 0, row: 0, isPlain: true, text: 'one two' },
    { column: 10, row: 0, isPlain: true, text: 'three' },
    { column: 10, row: 2, isPlain: true, text: 'four' },
  ])
})

test('terminal svg - colours begin and end where they do in the terminal', (t) => {
  const line = `a ${colour('green', 'b')} ${colour('bold', 'c')}${colour('dim', 'd')} e`
  const svg = terminalSvg([line], 'title')
  t.deepEqual(textsOf(svg), [
    { column: 0, row: 0, isPlain: true, text: 'a' },
    { column: 2, row: 0, isPlain: false, text: 'b' },
    { column: 4, row: 0, isPlain: false, text: 'c' },
    { column: 5, row: 0, isPlain: false, text: 'd' },
    { column: 7, row: 0, isPlain: true, text: 'e' },
  ])
  t.regex(svg, /font-weight="bold">c</)
  t.false(svg.includes('\u001b'))
})

test('terminal svg - text stays text', (t) => {
  const svg = terminalSvg(['cd a && b <c>'], 'a & b')
  t.regex(svg, />cd a &amp;&amp; b &lt;c&gt;</)
  t.regex(svg, /<title>a &amp; b<\/title>/)
})
