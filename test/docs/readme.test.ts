/** README.md is short, and its commands are those that tests run. */

import test from 'ava'
import { DENO_FLAGS } from '../helpers/node-process.ts'
import { read } from './markdown.ts'

const LINES = read('README.md').trimEnd().split('\n')

test('readme - has fewer than 120 lines', (t) => {
  t.true(LINES.length < 120, `${LINES.length}`)
})

test('readme - starts with a sentence, a picture, and the two commands', (t) => {
  const places = [
    LINES.findIndex((line) => /^\w/.test(line)),
    LINES.findIndex((line) => line.startsWith('![')),
    LINES.indexOf('    npm ci && npm start'),
    LINES.indexOf('    npm ci && npm test'),
    LINES.findIndex((line) => line.startsWith('## ')),
  ]
  t.false(places.includes(-1))
  t.deepEqual(
    places,
    places.toSorted((a, b) => a - b),
  )
})

for (const page of ['README.md', 'docs/CONFIGURATION.md']) {
  test(`readme - ${page} runs Deno with the permissions that are tested`, (t) => {
    t.true(read(page).includes(`\n    deno run ${DENO_FLAGS.join(' ')} index.js\n`))
  })
}
