import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import test from 'ava'
import { TYPESCRIPT } from '../../build/repository.ts'
import {
  createLog,
  LOG_LEVELS,
  type LogEntry,
  type LogLevel,
  usesColour,
} from '../../src/log/log.ts'

const NOON = new Date(2026, 0, 2, 12, 3, 4)

class Screen extends Writable {
  readonly isTTY: boolean
  text = ''

  constructor({ isTTY = false } = {}) {
    super({ decodeStrings: false })
    this.isTTY = isTTY
  }

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk)
    done()
  }
}

function logAt(level: LogLevel, { isTTY = false, env = {} } = {}) {
  const stdout = new Screen({ isTTY })
  const stderr = new Screen({ isTTY })
  return { stdout, stderr, log: createLog({ level, stdout, stderr, env, now: () => NOON }) }
}

function entry(level: LogEntry['level'], text: string): LogEntry {
  return { level, tone: 'good', text }
}

test('log - prints a line with the local time', (t) => {
  const { log, stdout } = logAt('info')
  log(entry('info', 'listening on ws://localhost:4001'))
  t.is(stdout.text, '12:03:04 listening on ws://localhost:4001\n')
})

test('log - sends info and debug to standard output, warnings and errors to standard error', (t) => {
  const { log, stdout, stderr } = logAt('debug')
  for (const level of ['error', 'warn', 'info', 'debug'] as const) log(entry(level, level))
  t.is(stdout.text, '12:03:04 info\n12:03:04 debug\n')
  t.is(stderr.text, '12:03:04 error\n12:03:04 warn\n')
})

for (const [index, level] of LOG_LEVELS.entries()) {
  test(`log - honors the level ${level}`, (t) => {
    const { log, stdout, stderr } = logAt(level)
    for (const each of ['error', 'warn', 'info', 'debug'] as const) log(entry(each, each))
    t.is(`${stderr.text}${stdout.text}`.split('\n').length - 1, index)
  })
}

test('log - keeps an entry on one line', (t) => {
  const { log, stdout } = logAt('info')
  log(entry('info', 'a\nb\u001b[2J'))
  t.is(stdout.text, '12:03:04 a\\nb\\x1b[2J\n')
})

test('log - dims the time and colours the text on a terminal', (t) => {
  const { log, stdout } = logAt('info', { isTTY: true })
  log(entry('info', 'joined'))
  log({ level: 'info', tone: 'plain', text: 'plain' })
  t.is(
    stdout.text,
    '\u001b[2m12:03:04\u001b[22m \u001b[32mjoined\u001b[39m\n\u001b[2m12:03:04\u001b[22m plain\n',
  )
})

const COLOUR_CASES: readonly (readonly [boolean, Record<string, string>, boolean])[] = [
  [true, {}, true],
  [false, {}, false],
  [true, { NO_COLOR: '1' }, false],
  [true, { NO_COLOR: '' }, true],
  [true, { TERM: 'dumb' }, false],
  [false, { CI: 'true' }, false],
  [false, { FORCE_COLOR: '1' }, true],
  [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, true],
  [true, { FORCE_COLOR: '0' }, false],
  [false, { FORCE_COLOR: '' }, false],
]

for (const [isTTY, env, expected] of COLOUR_CASES) {
  test(`log - ${expected ? 'uses' : 'avoids'} colour with ${JSON.stringify({ isTTY, ...env })}`, (t) => {
    t.is(usesColour({ isTTY }, env), expected)
  })
}

test('log - goes on without a word when nobody reads any more', async (t) => {
  const { log, stdout, stderr } = logAt('debug')
  const closed = new Promise((resolve) => stdout.once('close', resolve))
  stdout.destroy(new Error('write EPIPE'))
  await closed
  t.notThrows(() => log(entry('info', 'a')))
  log(entry('warn', 'b'))
  t.is(stderr.text, '12:03:04 b\n')
})

test('log - survives a stream that throws, as Deno does when the disk is full', (t) => {
  const { log, stdout } = logAt('info')
  stdout.write = () => {
    throw new Error('No space left on device')
  }
  t.notThrows(() => log(entry('info', 'a')))
})

test('log - drops lines instead of piling them up for a reader that stopped reading', (t) => {
  const stuck = new Writable({ write: () => {} })
  const log = createLog({ level: 'info', stdout: stuck, stderr: stuck, env: {}, now: () => NOON })
  for (let i = 0; i < 3_000; i++) log(entry('info', 'x'.repeat(1_000)))
  t.true(stuck.writableLength < 2 * 1024 * 1024)
})

test('log - leaves the process alive when its output is a pipe that is closed', async (t) => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/log/log.ts', import.meta.url).href)}
    const { stdout, stderr, env } = process
    const log = createLog({ level: 'info', stdout, stderr, env, now: () => new Date() })
    let lines = 0
    const timer = setInterval(() => {
      log({ level: 'info', tone: 'plain', text: 'line ' + lines++ })
      if (lines === 200) { clearInterval(timer); process.exitCode = 7 }
    }, 1)`
  const child = spawn(process.execPath, [...TYPESCRIPT, '--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  let complaints = ''
  child.stderr.on('data', (chunk) => {
    complaints += String(chunk)
  })
  await once(child.stdout, 'data')
  child.stdout.destroy()
  const [exitCode] = await once(child, 'close')
  t.is(exitCode, 7)
  t.is(complaints, '')
})
