import test from 'ava'
import { COMMANDS, parseCli } from '../../src/cli/arguments.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

test('cli - runs the node beside the program when there are no words', (t) => {
  t.deepEqual(parseCli([]), { kind: 'run' })
  t.deepEqual(parseCli(['--']), { kind: 'run' })
  t.deepEqual(parseCli(['run']), { kind: 'run' })
})

test('cli - takes the folder of --dir, the last one when there are several', (t) => {
  t.deepEqual(parseCli(['--dir', 'node-2']), { kind: 'run', dir: 'node-2' })
  t.deepEqual(parseCli(['--dir=node 2']), { kind: 'run', dir: 'node 2' })
  t.deepEqual(parseCli(['--dir=--x']), { kind: 'run', dir: '--x' })
  t.deepEqual(parseCli(['--dir', 'a', '--dir', 'b']), { kind: 'run', dir: 'b' })
})

test('cli - takes a command before, between and after its flags', (t) => {
  const expected = { kind: 'status', form: 'json', dir: 'x' } as const
  for (const argv of [
    ['status', '--json', '--dir', 'x'],
    ['--json', 'status', '--dir=x'],
    ['--dir', 'x', '--json', 'status'],
  ])
    t.deepEqual(parseCli(argv), expected)
})

test('cli - accepts each form of a status', (t) => {
  t.deepEqual(parseCli(['status']), { kind: 'status', form: 'table' })
  t.deepEqual(parseCli(['status', '--watch']), { kind: 'status', form: 'watch' })
})

test('cli - waits for a node, for a minute or as long as is said', (t) => {
  const wait = { kind: 'wait', until: 'complete' } as const
  t.deepEqual(parseCli(['status', '--wait-listening']), {
    kind: 'wait',
    until: 'listening',
    timeoutMs: 60_000,
  })
  for (const [text, timeoutMs] of [['1', 1_000] as const, ['86400', 86_400_000] as const]) {
    const argv = ['status', '--wait-complete', '--timeout', text, '--dir', 'x']
    t.deepEqual(parseCli(argv), { ...wait, timeoutMs, dir: 'x' })
  }
  for (const text of ['0', '86401', '1.5', '5s', '-1', '1e3']) {
    const act = () => parseCli(['status', '--wait-complete', `--timeout=${text}`])
    throwsNodeError(t, act, 'CLI_TIMEOUT_INVALID', `'${text}'`)
  }
  const message = 'write node index.js status --wait-complete --timeout 60'
  for (const argv of [
    ['status', '--timeout', '5'],
    ['status', '--json', '--timeout', '5'],
  ]) {
    throwsNodeError(t, () => parseCli(argv), 'CLI_FLAG_MISPLACED', message)
  }
})

test('cli - takes check and init, each with a folder', (t) => {
  t.deepEqual(parseCli(['check']), { kind: 'check' })
  t.deepEqual(parseCli(['check', '--dir', 'x']), { kind: 'check', dir: 'x' })
  t.deepEqual(parseCli(['init', '--dir', 'x']), { kind: 'init', dir: 'x' })
})

test('cli - prints a secret, or writes it', (t) => {
  t.deepEqual(parseCli(['secret']), { kind: 'secret', form: 'new' })
  t.deepEqual(parseCli(['secret', '--token']), { kind: 'secret', form: 'token' })
  const expected = { kind: 'secret', form: 'file', dir: 'x' } as const
  t.deepEqual(parseCli(['secret', '--write', '--dir', 'x']), expected)
  throwsNodeError(t, () => parseCli(['init', '--write']), 'CLI_FLAG_MISPLACED', 'secret --write')
})

test('cli - takes add-peer and forget, each with an address and a folder', (t) => {
  const address = 'ws://localhost:4002'
  for (const kind of ['add-peer', 'forget'] as const) {
    t.deepEqual(parseCli([kind, address]), { kind, address })
    t.deepEqual(parseCli(['--dir', 'x', kind, address]), { kind, address, dir: 'x' })
    t.deepEqual(parseCli([kind, '--dir', 'x', address]), { kind, address, dir: 'x' })
    const message = `write node index.js ${kind} ws://localhost:4002`
    throwsNodeError(t, () => parseCli([kind]), 'CLI_ADDRESS_MISSING', message)
    throwsNodeError(t, () => parseCli([kind, 'status']), 'CLI_WORDS_CONTRADICT', kind, 'status')
    throwsNodeError(t, () => parseCli([kind, 'a', 'b']), 'CLI_WORDS_CONTRADICT', "'a'", "'b'")
  }
  throwsNodeError(t, () => parseCli([address, 'forget']), 'CLI_COMMAND_UNKNOWN', address)
})

test('cli - takes request with a peer, a topic, and perhaps a text', (t) => {
  const parsed = { kind: 'request', peer: 'ws://a:1', topic: 'b' } as const
  t.deepEqual(parseCli(['request', 'ws://a:1', 'b']), parsed)
  t.deepEqual(parseCli(['request', 'ws://a:1', 'b', 'c']), { ...parsed, text: 'c' })
  throwsNodeError(t, () => parseCli(['request']), 'CLI_ADDRESS_MISSING', 'request ws://')
  throwsNodeError(t, () => parseCli(['request', 'ws://a:1']), 'CLI_TOPIC_MISSING', 'news')
  const act = () => parseCli(['request', 'ws://a:1', 'b', 'two', 'words'])
  throwsNodeError(t, act, 'CLI_WORDS_CONTRADICT', 'quotes')
})

test('cli - takes publish with a topic, and perhaps a text, whatever they are called', (t) => {
  t.deepEqual(parseCli(['publish', 'a.b']), { kind: 'publish', topic: 'a.b' })
  t.deepEqual(parseCli(['publish', 'status', 'check', '--dir', 'x']), {
    kind: 'publish',
    topic: 'status',
    text: 'check',
    dir: 'x',
  })
  t.deepEqual(parseCli(['publish', 'a', '']), { kind: 'publish', topic: 'a', text: '' })
  t.deepEqual(parseCli(['publish', 'a', '--', '-5']), { kind: 'publish', topic: 'a', text: '-5' })
  throwsNodeError(t, () => parseCli(['publish']), 'CLI_TOPIC_MISSING', 'publish news "hello"')
  const act = () => parseCli(['publish', 'a', 'two', 'words'])
  throwsNodeError(t, act, 'CLI_WORDS_CONTRADICT', "'two'", "'words'", 'in quotes')
})

test('cli - takes subscribe with a pattern, by default all topics', (t) => {
  t.deepEqual(parseCli(['subscribe']), { kind: 'subscribe', pattern: '>', history: false })
  t.deepEqual(parseCli(['--history', 'subscribe', 'a.*']), {
    kind: 'subscribe',
    pattern: 'a.*',
    history: true,
  })
  const act = () => parseCli(['subscribe', 'a', 'b'])
  throwsNodeError(t, act, 'CLI_WORDS_CONTRADICT', "'a'", "'b'")
})

test('cli - takes --init and --verify, the names of earlier versions', (t) => {
  t.deepEqual(parseCli(['--init', '--dir', 'x']), { kind: 'init', dir: 'x' })
  t.deepEqual(parseCli(['init', '--init']), { kind: 'init' })
  t.deepEqual(parseCli(['--verify']), { kind: 'check' })
  t.deepEqual(parseCli(['check', '--verify']), { kind: 'check' })
  t.deepEqual(parseCli(['run', '--verify']), { kind: 'check' })
})

test('cli - answers --help and --version, long and short, before all else', (t) => {
  for (const flag of ['--help', '-h']) t.deepEqual(parseCli([flag]), { kind: 'help' })
  for (const flag of ['--version', '-v']) t.deepEqual(parseCli([flag]), { kind: 'version' })
  t.deepEqual(parseCli(['--dir', 'x', '-v', '-h']), { kind: 'help' })
  t.deepEqual(parseCli(['--init', '--version']), { kind: 'version' })
  for (const about of Object.keys(COMMANDS))
    t.like(parseCli([about, '-h']), { kind: 'help', about })
})

const UNKNOWN_COMMANDS = [
  ['statsu', 'did you mean status?'],
  ['stat', 'did you mean status?'],
  ['STATUS', 'did you mean status?'],
  ['chekc', 'did you mean check?'],
  ['help', 'did you mean --help?'],
  ['verison', 'did you mean --version?'],
  ['node-2', '--dir PATH'],
  ['-', '--dir PATH'],
  ['', '--dir PATH'],
  ['s', '--dir PATH'],
  ['constructor', '--dir PATH'],
] as const

for (const [word, fact] of UNKNOWN_COMMANDS) {
  test(`cli - refuses the word '${word}' and suggests the closest one`, (t) => {
    const act = () => parseCli([word])
    throwsNodeError(t, act, 'CLI_COMMAND_UNKNOWN', `'${word}'`, fact, '--help')
  })
}

const UNKNOWN_FLAGS = [
  ['--hlep', 'did you mean --help'],
  ['--dri', 'did you mean --dir'],
  ['--status', 'did you mean status, without hyphens'],
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

test('cli - says how a text begins with a hyphen', (t) => {
  for (const argv of [
    ['publish', 'temp', '-5'],
    ['request', 'ws://a:1', 'temp', '-5'],
  ]) {
    throwsNodeError(t, () => parseCli(argv), 'CLI_FLAG_UNKNOWN', "'-5'", 'write -- before')
  }
  const parsed = parseCli(['publish', 'temp', '--', '-5'])
  t.deepEqual(parsed, { kind: 'publish', topic: 'temp', text: '-5' })
})

for (const argv of [['--dir'], ['--dir', ''], ['--dir='], ['--dir', '--help'], ['--dir', '-v']]) {
  test(`cli - refuses ${JSON.stringify(argv)} without a folder`, (t) => {
    throwsNodeError(t, () => parseCli(argv), 'CLI_FLAG_VALUE_MISSING', '--dir node-2')
  })
}

test('cli - refuses a value for a flag that takes none', (t) => {
  throwsNodeError(t, () => parseCli(['--verify=yes']), 'CLI_FLAG_VALUE_UNEXPECTED', "'yes'")
  throwsNodeError(t, () => parseCli(['--help=yes']), 'CLI_FLAG_VALUE_UNEXPECTED', "'yes'")
})

const MISPLACED = [
  [['--json'], '--json', "'run'", 'node index.js status --json'],
  [['check', '--watch'], '--watch', "'check'", 'node index.js status --watch'],
  [['--init', '--json'], '--json', "'init'", 'node index.js status --json'],
  [['--verify', '--watch'], '--watch', "'check'", 'node index.js status --watch'],
] as const

for (const [argv, ...facts] of MISPLACED) {
  test(`cli - refuses a flag of another command: ${argv.join(' ')}`, (t) => {
    throwsNodeError(t, () => parseCli(argv), 'CLI_FLAG_MISPLACED', ...facts)
  })
}

const CONTRADICTIONS = [
  ['status', 'check'],
  ['--init', '--verify'],
  ['status', '--init'],
  ['init', 'run'],
  ['status', '--json', '--watch'],
  ['status', '--watch', '--wait-complete'],
  ['status', '--wait-listening', '--wait-complete'],
] as const

test('cli - advises in the words of the program as it is called', (t) => {
  const act = () => parseCli(['--json'], './fullmesh-linux-x64')
  throwsNodeError(t, act, 'CLI_FLAG_MISPLACED', 'write ./fullmesh-linux-x64 status --json')
})

for (const argv of CONTRADICTIONS) {
  test(`cli - refuses words that exclude each other: ${argv.join(' ')}`, (t) => {
    const words = argv.slice(-2)
    throwsNodeError(t, () => parseCli(argv), 'CLI_WORDS_CONTRADICT', ...words)
  })
}
