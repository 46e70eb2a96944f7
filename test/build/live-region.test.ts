/** build/live-region.ts: lines that are redrawn in place. */

import test from 'ava'
import { fitted, LiveRegion } from '../../build/live-region.ts'
import { pictureOf } from '../helpers/terminal-picture.ts'
import { TextScreen } from '../helpers/text-screen.ts'

test('live region - is redrawn in place, also when it gets shorter', (t) => {
  const screen = new TextScreen()
  screen.write('before\n')
  const region = new LiveRegion(screen)
  region.draw(['one', 'two, which is long', 'three'])
  t.deepEqual(pictureOf(screen.text), ['before', 'one', 'two, which is long', 'three'])
  region.draw(['ONE', 'two'])
  t.deepEqual(pictureOf(screen.text), ['before', 'ONE', 'two'])
})

test('live region - printed lines stay above it', (t) => {
  const screen = new TextScreen()
  const region = new LiveRegion(screen)
  region.print('first')
  region.draw(['one', 'two'])
  region.print('second, and longer')
  region.draw(['1', '2'])
  t.deepEqual(pictureOf(screen.text), ['first', 'second, and longer', '1', '2'])
})

test('live region - released lines stay', (t) => {
  const screen = new TextScreen()
  const region = new LiveRegion(screen)
  region.draw(['one', 'two'])
  region.release()
  region.print('after')
  t.deepEqual(pictureOf(screen.text), ['one', 'two', 'after'])
})

test('live region - the ^C of the terminal is erased', (t) => {
  const screen = new TextScreen()
  const region = new LiveRegion(screen)
  region.draw(['one', 'two'])
  screen.write('^C')
  region.draw(['one', 'three'])
  t.deepEqual(pictureOf(screen.text), ['one', 'three'])
})

test('live region - a terminal of unknown size has 80 by 24', (t) => {
  t.deepEqual(new LiveRegion(new TextScreen({ columns: 0, rows: 0 })).room, {
    columns: 80,
    rows: 24,
  })
  const room = { columns: 100, rows: 50 }
  t.deepEqual(new LiveRegion(new TextScreen(room)).room, room)
})

test('live region - a line that is too long is cut and has no colours', (t) => {
  t.is(fitted('\u001b[1m12345\u001b[22m', 5), '\u001b[1m12345\u001b[22m')
  t.is(fitted('\u001b[1m123456\u001b[22m', 5), '1234…')
})
