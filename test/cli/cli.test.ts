import test from 'ava'
import { helpText, parseCli } from '../../src/cli.ts'
import { SETTING_NAMES } from '../../src/settings.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

test('cli - runs the node beside the program when there are no words', (t) => {
  t.deepEqual(parseCli([]), { kind: 'run' })
  t.deepEqual(parseCli(['--']), { kind: 'run' })
})

test('cli - takes the folder of --dir, the last one when there are several', (t) => {
  t.deepEqual(parseCli(['--dir', 'node-2']), { kind: 'run', dir: 'node-2' })
  t.deepEqual(parseCli(['--dir=node 2']), { kind: 'run', dir: 'node 2' })
  t.deepEqual(parseCli(['--dir=--x']), { kind: 'run', dir: '--x' })
  t.deepEqual(parseCli(['--dir', 'a', '--dir', 'b']), { kind: 'run', dir: 'b' })
})

test('cli - answers --help and --version, long and short', (t) => {
  for (const flag of ['--help', '-h']) t.deepEqual(parseCli([flag]), { kind: 'help' })
  for (const flag of ['--version', '-v']) t.deepEqual(parseCli([flag]), { kind: 'version' })
  t.deepEqual(parseCli(['--dir', 'x', '-v', '-h']), { kind: 'help' })
})

const UNKNOWN_FLAGS = [
  ['--hlep', 'did you mean --help'],
  ['--dri', 'did you mean --dir'],
  ['--port', 'PORT is set in .env'],
  ['--log-level=debug', 'LOG_LEVEL is set in .env'],
  ['--verbose', '--help'],
  ['-x', "'-x'"],
  ['--__proto__', "'--__proto__'"],
  ['--constructor', '--help'],
  ['--no-help', '--help'],
  ['--\u001b[31m', "'--\\x1b[31m'"],
] as const

for (const [flag, fact] of UNKNOWN_FLAGS) {
  test(`cli - refuses the unknown flag ${JSON.stringify(flag)}`, (t) => {
    const error = throwsNodeError(t, () => parseCli([flag]), 'CLI_FLAG_UNKNOWN', fact, '--help')
    t.is(error.exitCode, 2)
  })
}

for (const argv of [['--dir'], ['--dir', ''], ['--dir='], ['--dir', '--help'], ['--dir', '-v']]) {
  test(`cli - refuses ${JSON.stringify(argv)} without a folder`, (t) => {
    throwsNodeError(t, () => parseCli(argv), 'CLI_FLAG_VALUE_MISSING', '--dir node-2')
  })
}

test('cli - refuses a value for a flag that takes none', (t) => {
  throwsNodeError(t, () => parseCli(['--help=yes']), 'CLI_FLAG_VALUE_UNEXPECTED', "'yes'")
})

for (const word of ['status', 'node-2', '-', '']) {
  test(`cli - refuses the word '${word}' and names --dir`, (t) => {
    throwsNodeError(
      t,
      () => parseCli([word]),
      'CLI_COMMAND_UNKNOWN',
      `'${word}'`,
      '--dir',
      '--help',
    )
  })
}

test('cli - help names every flag and every setting on one screen', (t) => {
  const lines = helpText().split('\n')
  t.true(lines.length <= 24)
  for (const line of lines) t.true(line.length <= 80, line)
  for (const name of ['--dir', '--help', '--version', ...SETTING_NAMES])
    t.true(helpText().includes(name), name)
})
