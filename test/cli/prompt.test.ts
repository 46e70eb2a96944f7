import { PassThrough } from 'node:stream'
import test from 'ava'
import { askYes, hasReader } from '../../src/cli/init.ts'
import { TextScreen } from '../helpers/text-screen.ts'

const ANSWERS: readonly (readonly [line: string, isYes: boolean])[] = [
  ['\n', true],
  ['y\n', true],
  [' YES \n', true],
  ['n\n', false],
  ['no\n', false],
  ['what?\n', false],
]

for (const [line, isYes] of ANSWERS) {
  test(`question - takes ${JSON.stringify(line)} for ${isYes ? 'yes' : 'no'}`, async (t) => {
    const [stdin, stdout] = [new PassThrough(), new TextScreen()]
    const answer = askYes('shall I?', { stdin, stdout })
    stdin.write(line)
    t.is(await answer, isYes)
    t.is(stdout.text, 'shall I? [Y/n] ')
    t.true(stdin.isPaused())
  })
}

test('question - takes the end of the input for no', async (t) => {
  const [stdin, stdout] = [new PassThrough(), new TextScreen()]
  const answer = askYes('shall I?', { stdin, stdout })
  stdin.end()
  t.false(await answer)
  t.true(stdout.text.endsWith('\n'))
})

test('question - is for terminals only', (t) => {
  const terminal = Object.assign(new PassThrough(), { isTTY: true })
  const pipe = new PassThrough()
  const screen = new TextScreen({ isTTY: true })
  t.true(hasReader({ stdin: terminal, stdout: screen }))
  t.false(hasReader({ stdin: pipe, stdout: screen }))
  t.false(hasReader({ stdin: terminal, stdout: new TextScreen() }))
})
