/** docs/OPERATIONS.md: exit codes, log lines, HTTP paths and metrics are those of the code. */

import { Writable } from 'node:stream'
import test from 'ava'
import { COMMANDS } from '../../src/cli/arguments.ts'
import { helpFile, helpText } from '../../src/cli/help.ts'
import { readConfig } from '../../src/config/config.ts'
import type { NodeEvent } from '../../src/log/events.ts'
import { createLog, type LogFormat } from '../../src/log/log.ts'
import { at } from '../helpers/core.ts'
import { handlerFor, PAGE as SITE } from '../helpers/http-handler.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { bare, blocksIn, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/OPERATIONS.md'

test('operations - the commands are those of the command line', (t) => {
  const rows = rowsIn(section(PAGE, 'Commands')).map(([command]) => bare(command))
  t.deepEqual(rows.toSorted(), Object.keys(COMMANDS).toSorted())
})

for (const [column, command] of (
  [
    'run',
    'status',
    'check',
    'init',
    'add-peer',
    'forget',
    'publish',
    'subscribe',
    'request',
    'secret',
  ] as const
).entries()) {
  test(`operations - the exit codes of ${command} are those of its help`, (t) => {
    const codes = rowsIn(section(PAGE, 'Exit codes'))
      .filter((row) => (row[column + 1] ?? '') !== '')
      .map(([code]) => code)
    const help = helpText('node index.js', command).replaceAll(/\s+/g, ' ')
    const inHelp = help.slice(help.indexOf('Exit codes:')).match(/(?<=[:;,] )\d+\b/g)
    t.deepEqual(codes, [...(inHelp ?? [])])
  })
}

const EVENTS: readonly NodeEvent[] = [
  { kind: 'listening', address: at(4001) },
  { kind: 'page', url: 'http://localhost:4001/' },
  { kind: 'peer-joined', address: at(4002), connected: 1 },
  {
    kind: 'peer-left',
    address: at(4002),
    connected: 0,
    ending: { by: 'peer', code: 1001, reason: 'node stops' },
  },
]

/** What a node prints about these events. */
function printed(events: readonly NodeEvent[], format: LogFormat): string {
  let text = ''
  const stdout = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk)
      done()
    },
  })
  const now = (): Date => new Date('2026-01-01T12:00:00Z')
  const log = createLog({ level: 'info', format, stdout, stderr: stdout, env: {}, now })
  for (const event of events) log(event)
  return text
}

/** Other times, and none at the end of a line. */
function withoutTimes(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\d\d:\d\d:\d\d/, 'TIME'))
}

for (const [format, info, events] of [
  ['text', 'text', EVENTS],
  ['json', 'json lines', EVENTS.filter(({ kind }) => /^(?:listening|peer-joined)$/.test(kind))],
] as const) {
  test(`operations - the log in ${format} is what a node prints`, (t) => {
    const [shown = ''] = blocksIn(section(PAGE, 'The log'), info)
    t.deepEqual(withoutTimes(shown), withoutTimes(printed(events, format)))
  })
}

test('operations - every path answers', async (t) => {
  const http = await handlerFor(t, { page: [...SITE, helpFile('node index.js')] })
  const paths = rowsIn(section(PAGE, 'HTTP')).map(([path]) => bare(path))
  t.true(paths.length > 0)
  for (const path of paths) {
    const { status } = await http.ask(path, { method: 'HEAD' })
    t.is(status, 200, path)
  }
})

test('operations - the metrics are those of a node', async (t) => {
  const { text } = await (await handlerFor(t)).ask('/metrics')
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type])
  const rows = rowsIn(section(PAGE, 'Metrics')).map(([name, type]) => [bare(name), type])
  t.deepEqual(rows.toSorted(), types.toSorted())
})

test('operations - the settings for several machines are right, and listen everywhere', (t) => {
  const lines = section(PAGE, 'Several machines').match(/^ {4}\S.*$/gm) ?? []
  const dir = temporaryFolder(t, { '.env': lines.map((line) => line.trim()).join('\n') })
  const env = { SECRET: `fm1_${'s'.repeat(43)}` }
  const { address, knownPeers, listen, warnings, isSecure } = readConfig({ dir, env })
  t.is(`${address}`, 'wss://192.0.2.1:4001')
  t.true(isSecure && knownPeers.includes(address))
  t.deepEqual(listen, ['0.0.0.0', '::'])
  t.deepEqual(warnings, [])
})
