import test from 'ava'
import { COMMANDS, FLAGS, OPERANDS, parseCli } from '../../src/cli/arguments.ts'
import { helpFile, helpText } from '../../src/cli/help.ts'
import { SETTING_NAMES, SETTINGS } from '../../src/config/settings.ts'

const PROGRAM = 'node index.js'

/** A binary's. */
const LONGEST = './fullmesh-linux-arm64-0.1.0'

const NAMES = [
  'run',
  'status',
  'check',
  'publish',
  'subscribe',
  'request',
  'init',
  'add-peer',
  'forget',
  'secret',
] as const satisfies readonly (keyof typeof COMMANDS)[]

const FLAG_WORDS = Object.keys(FLAGS).map((name) => `--${name}`)
const COMMON_FLAGS = ['--dir', '--version', '--help'] as const

/** What a flag needs besides itself. */
const MORE_WORDS: Readonly<Record<string, readonly string[]>> = {
  '--dir': ['x'],
  '--timeout': ['5', '--wait-complete'],
}

test('help - names every command, common flag and main setting on one screen with its prompt', (t) => {
  const lines = helpText(PROGRAM).split('\n')
  t.true(lines.length <= 23, `${lines.length} lines`)
  const settings = Object.values(SETTINGS).map(({ name }) => name)
  for (const name of [...Object.keys(COMMANDS), ...COMMON_FLAGS]) {
    t.true(
      lines.some((line) => line.startsWith(`  ${name}`)),
      name,
    )
  }
  const words = new Set(helpText(PROGRAM).split(/\s+/))
  for (const name of settings) t.true(words.has(name), name)
  t.regex(helpText(PROGRAM), /^Exit codes: 0 .*1 .*2 .*run and request have more/m)
})

test('help - of run names every setting and timing', (t) => {
  for (const name of SETTING_NAMES) t.true(helpText(PROGRAM, 'run').includes(name), name)
})

for (const command of NAMES) {
  test(`help - of ${command} names the flags that it has, its exit codes, and no others`, (t) => {
    const page = helpText(PROGRAM, command)
    t.true(page.startsWith('Usage: node index.js '))
    t.regex(page, /^Exit codes: /m)
    for (const word of FLAG_WORDS) {
      if (word === '--help' || word === '--version') continue
      const argv = [command, ...OPERANDS[command].map(() => 'a'), word, ...(MORE_WORDS[word] ?? [])]
      t.is(page.includes(`  ${word}`), isRight(argv), argv.join(' '))
    }
  })
}

test('help - the file that a node serves has every page', (t) => {
  for (const about of [undefined, ...NAMES]) {
    t.true(helpFile(PROGRAM).text.includes(helpText(PROGRAM, about)), about)
  }
})

test('help - fits 80 columns', (t) => {
  for (const about of [undefined, ...NAMES]) {
    for (const line of helpText(LONGEST, about).split('\n')) t.true(line.length <= 80, line)
  }
})

test('help - names the program as it is called', (t) => {
  t.regex(helpText('npx fullmesh'), /^Usage: npx fullmesh \[COMMAND\]/m)
  t.true(helpText('./fullmesh-linux-x64', 'check').startsWith('Usage: ./fullmesh-linux-x64 check'))
})

function isRight(argv: readonly string[]): boolean {
  try {
    parseCli(argv)
    return true
  } catch {
    return false
  }
}
