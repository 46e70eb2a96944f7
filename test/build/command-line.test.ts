/** build/command-line.ts: valid and invalid command lines of the tools. */

import test from 'ava'
import { readCommandLine, readCount, ToolError } from '../../build/command-line.ts'

const TOOL = { flags: ['--force'], values: ['--root'], operandsMax: 1 }

test('command line - sorts flags, values and operands in any order', (t) => {
  for (const args of [
    ['--root', '/a', '--force', '5'],
    ['5', '--force', '--root=/a'],
  ]) {
    const { flags, values, operands } = readCommandLine(args, TOOL)
    t.deepEqual([...flags], ['--force'])
    t.deepEqual([...values], [['--root', '/a']])
    t.deepEqual(operands, ['5'])
  }
})

test('command line - a value may contain an equals sign', (t) => {
  t.is(readCommandLine(['--root=/a=b'], TOOL).values.get('--root'), '/a=b')
})

test('command line - --help and -h are one flag', (t) => {
  t.true(readCommandLine(['--help'], {}).flags.has('--help'))
  t.true(readCommandLine(['-h'], {}).flags.has('--help'))
})

for (const [args, message] of [
  [['--forse'], "unknown option '--forse', try --help"],
  [['-f'], "unknown option '-f', try --help"],
  [['--force=yes'], "unknown option '--force=yes', try --help"],
  [['--root'], '--root needs a value, try --help'],
  [['--root='], '--root needs a value, try --help'],
  [['1', '2'], "unexpected argument '2', try --help"],
] as const) {
  test(`command line - refuses '${args.join(' ')}'`, (t) => {
    const error = t.throws(() => readCommandLine(args, TOOL), { instanceOf: ToolError, message })
    t.is(error?.exitCode, 2)
  })
}

test('command line - a count is an integer from 1 to its maximum', (t) => {
  t.is(readCount('1', 200), 1)
  t.is(readCount('200', 200), 200)
  for (const text of ['0', '201', '-1', 'abc', '1.5', '1e2', '01', ' 1', '', '9'.repeat(400)]) {
    const error = t.throws(() => readCount(readCommandLine([text], TOOL).operands[0] ?? '', 200), {
      instanceOf: ToolError,
      message: `count must be an integer from 1 to 200, got '${text}'`,
    })
    t.is(error?.exitCode, 2)
  }
})
