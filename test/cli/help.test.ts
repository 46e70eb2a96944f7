import test from 'ava'
import { COMMANDS, FLAGS, parseCli } from '../../src/cli/arguments.ts'
import { helpText } from '../../src/cli/help.ts'
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts'

const FLAG_WORDS = Object.keys(FLAGS).map((name) => `--${name}`)

test('help - names every command, flag and main setting on one screen with its prompt', (t) => {
  const lines = helpText().split('\n')
  t.true(lines.length <= 23, `${lines.length} lines`)
  const settings = Object.values(SETTINGS).map(({ name }) => name)
  for (const name of [...Object.keys(COMMANDS), ...FLAG_WORDS, ...settings]) {
    t.true(
      lines.some((line) => line.startsWith(`  ${name}`)),
      name,
    )
  }
  t.regex(helpText(), /^Exit codes: 0 .*1 .*2 .*130 /m)
})

test('help - of run names every setting and timing', (t) => {
  for (const name of SETTING_NAMES) t.true(helpText('run').includes(name), name)
})

for (const command of ['run', 'status', 'check'] as const) {
  test(`help - of ${command} names the flags that it has, its exit codes, and no others`, (t) => {
    const page = helpText(command)
    t.true(page.startsWith('Usage: node index.js '))
    t.regex(page, /^Exit codes: /m)
    for (const word of FLAG_WORDS) {
      if (word === '--help' || word === '--version') continue
      const argv = [command, word, ...(word === '--dir' ? ['x'] : [])]
      t.is(page.includes(`  ${word}`), isRight(argv), argv.join(' '))
    }
  })
}

test('help - fits 80 columns', (t) => {
  for (const about of [undefined, 'run', 'status', 'check'] as const) {
    for (const line of helpText(about).split('\n')) t.true(line.length <= 80, line)
  }
})

function isRight(argv: readonly string[]): boolean {
  try {
    parseCli(argv)
    return true
  } catch {
    return false
  }
}
