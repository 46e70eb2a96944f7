import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { Writable } from 'node:stream'
import test from 'ava'
import { TYPESCRIPT } from '../../build/repository.ts'
import {
  createLog,
  LOG_LEVELS,
  type LogFormat,
  type LogLevel,
  usesColour,
} from '../../src/log/log.ts'
import { logLineFor } from '../../src/log/log-messages.ts'
import { JSON_TEXT_CHARS_MAX } from '../../src/log/printable.ts'
import { at } from '../helpers/core.ts'
import { EVENTS, HOSTILE } from '../helpers/node-events.ts'

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

function logAt(level: LogLevel, { isTTY = false, env = {}, format = 'text' as LogFormat } = {}) {
  const stdout = new Screen({ isTTY })
  const stderr = new Screen({ isTTY })
  return { stdout, stderr, log: createLog({ level, format, stdout, stderr, env, now: () => NOON }) }
}

/** An event of each level. */
const INFO = EVENTS.page
const WARN = EVENTS['listen-ip-missing']
const DEBUG = EVENTS['self-found']

const INFO_LINE = '12:03:04 status page: http://localhost:4001/\n'
const DEBUG_LINE = '12:03:04 ws://localhost:4001 is this node itself\n'

test('log - prints a line with the local time', (t) => {
  const { log, stdout } = logAt('info')
  log(EVENTS.listening)
  t.is(stdout.text, '12:03:04 listening on ws://localhost:4001\n')
})

test('log - sends info and debug to standard output, warnings and errors to standard error', (t) => {
  const { log, stdout, stderr } = logAt('debug')
  for (const event of [WARN, INFO, DEBUG]) log(event)
  t.is(stdout.text, INFO_LINE + DEBUG_LINE)
  t.regex(stderr.text, /^12:03:04 LISTEN in .*\n$/)
})

/** Lines of a log of three events, by its level. No event has the level error yet. */
const LINES: Readonly<Record<LogLevel, number>> = {
  silent: 0,
  error: 0,
  warn: 1,
  info: 2,
  debug: 3,
}

for (const level of LOG_LEVELS) {
  test(`log - honors the level ${level}`, (t) => {
    const { log, stdout, stderr } = logAt(level)
    for (const event of [WARN, INFO, DEBUG]) log(event)
    t.is(`${stderr.text}${stdout.text}`.split('\n').length - 1, LINES[level])
  })
}

test('log - prints each kind of event on one line', (t) => {
  for (const event of Object.values(EVENTS)) {
    const { log, stdout, stderr } = logAt('debug')
    log(event)
    t.regex(`${stdout.text}${stderr.text}`, /^12:03:04 [\x20-\x7e…]+\n$/, event.kind)
  }
})

test('log - as JSON, each kind of event is one line with time, level, event and its fields', (t) => {
  for (const event of Object.values(EVENTS)) {
    const { log, stdout, stderr } = logAt('debug', { format: 'json', isTTY: true })
    log(event)
    const text = `${stdout.text}${stderr.text}`
    t.regex(text, /^[\x20-\x7e]+\n$/, event.kind)
    const { kind, ...fields } = event
    const { level } = logLineFor(event)
    t.deepEqual(JSON.parse(text), { time: NOON.toISOString(), level, event: kind, ...fields })
    t.true(text.startsWith('{"time":"'))
    t.is(stderr.text === '', level !== 'warn' && level !== 'error')
  }
})

test('log - as JSON, a hostile close reason stays one line and is read back unchanged', (t) => {
  const { log, stdout } = logAt('info', { format: 'json' })
  log(EVENTS['peer-left'])
  t.is(stdout.text.indexOf('\n'), stdout.text.length - 1)
  t.is(JSON.parse(stdout.text).ending.reason, HOSTILE)
})

test('log - as JSON, characters beyond 16 bits that hide are escaped, too, and long texts cut', (t) => {
  const { log, stdout } = logAt('debug', { format: 'json' })
  const type = `\u{e0041}${'x'.repeat(JSON_TEXT_CHARS_MAX)}`
  log({ kind: 'message-ignored', peer: 'x', type })
  t.true(stdout.text.includes('"\\udb40\\udc41xxx'))
  t.is(JSON.parse(stdout.text).type, `${type.slice(0, JSON_TEXT_CHARS_MAX)}…`)
})

test('log - counts the lines of one kind that were suppressed, in both formats', (t) => {
  const text = logAt('info')
  const json = logAt('info', { format: 'json' })
  const { hrtime } = process
  for (const seconds of [0, 1, 2, 60]) {
    process.hrtime = Object.assign((): [number, number] => [seconds, 0], { bigint: hrtime.bigint })
    for (const { log } of [text, json]) log(EVENTS['no-descriptors'])
  }
  process.hrtime = hrtime
  const [first, last, rest] = text.stderr.text.split('\n')
  t.is(last, `${first}; 2 more like this suppressed`)
  t.is(rest, '')
  const records = json.stderr.text.trim().split('\n')
  t.deepEqual(
    records.map((line) => JSON.parse(line).suppressed),
    [undefined, 2],
  )
})

test('log - dims the time and colours the text on a terminal', (t) => {
  const { log, stdout } = logAt('info', { isTTY: true })
  log({ kind: 'peer-joined', address: at(4002), connected: 2 })
  log(INFO)
  t.is(
    stdout.text,
    '\u001b[2m12:03:04\u001b[22m \u001b[32mconnected to ws://localhost:4002 (2 peers)\u001b[39m\n\u001b[2m12:03:04\u001b[22m status page: http://localhost:4001/\n',
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

test('log - prints no more on a stream without a reader, and goes on with the other', async (t) => {
  const { log, stdout, stderr } = logAt('debug')
  const closed = new Promise((resolve) => stdout.once('close', resolve))
  stdout.destroy(new Error('write EPIPE'))
  await closed
  t.notThrows(() => log(INFO))
  log(WARN)
  t.regex(stderr.text, /^12:03:04 LISTEN in .*\n$/)
})

test('log - ignores a stream that throws, as Deno does when the disk is full', (t) => {
  const { log, stdout } = logAt('info')
  stdout.write = () => {
    throw new Error('No space left on device')
  }
  t.notThrows(() => log(INFO))
})

test('log - drops lines for a reader that stopped reading', (t) => {
  const stuck = new Writable({ write: () => {} })
  const streams = { stdout: stuck, stderr: stuck }
  const log = createLog({ level: 'info', format: 'text', ...streams, env: {}, now: () => NOON })
  for (let i = 0; i < 3_000; i++) log({ kind: 'page', url: 'x'.repeat(1_000) })
  t.true(stuck.writableLength < 2 * 1024 * 1024)
})

test('log - does not end the process when its output is a pipe that is closed', async (t) => {
  const script = `
    import { createLog } from ${JSON.stringify(new URL('../../src/log/log.ts', import.meta.url).href)}
    const { stdout, stderr, env } = process
    const log = createLog({ level: 'info', format: 'text', stdout, stderr, env, now: () => new Date() })
    let lines = 0
    const timer = setInterval(() => {
      log({ kind: 'page', url: 'line ' + lines++ })
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
