/** docs/OPERATIONS.md: exit codes, log lines, HTTP paths and metrics are those of the code. */

import test from 'ava'
import { COMMANDS } from '../../src/cli/arguments.ts'
import { helpText } from '../../src/cli/help.ts'
import { readConfig } from '../../src/config/config.ts'
import { logEntryFor } from '../../src/log/log-messages.ts'
import { at } from '../helpers/core.ts'
import { siteFor } from '../helpers/site.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { bare, blocksIn, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/OPERATIONS.md'

test('operations - the commands are those of the command line', (t) => {
  const rows = rowsIn(section(PAGE, 'Commands')).map(([command]) => bare(command))
  t.deepEqual(rows.toSorted(), Object.keys(COMMANDS).toSorted())
})

for (const [column, command] of (['run', 'status', 'check'] as const).entries()) {
  test(`operations - the exit codes of ${command} are those of its help`, (t) => {
    const codes = rowsIn(section(PAGE, 'Exit codes'))
      .filter((row) => (row[column + 1] ?? '') !== '')
      .map(([code]) => code)
    const help = helpText(command).replaceAll(/\s+/g, ' ')
    const inHelp = help.slice(help.indexOf('Exit codes:')).match(/(?<=[:;,] )\d+\b/g)
    t.deepEqual(codes, [...(inHelp ?? [])])
  })
}

test('operations - the log is what a node prints', (t) => {
  const address = at(4002)
  const ending = { by: 'peer', code: 1001, reason: 'node stops' } as const
  const lines = [
    logEntryFor({ kind: 'listening', address: at(4001) }),
    logEntryFor({ kind: 'page', url: 'http://localhost:4001/' }),
    logEntryFor({ kind: 'peer-joined', address, connected: 1 }),
    logEntryFor({ kind: 'peer-left', address, connected: 0, ending }),
  ].map(({ text }) => text)
  const [shown = ''] = blocksIn(section(PAGE, 'The log'), 'text')
  t.deepEqual(
    shown.split('\n').map((line) => line.replace(/^\d\d:\d\d:\d\d /, '')),
    lines,
  )
})

test('operations - each line of the log in JSON is an object', (t) => {
  const [shown = ''] = blocksIn(section(PAGE, 'The log'), 'json lines')
  const lines = shown.split('\n').map((line): unknown => JSON.parse(line))
  t.true(lines.length > 1)
  for (const line of lines) t.like(line, { level: 'info' })
})

test('operations - every path answers', async (t) => {
  const site = await siteFor(t)
  const paths = rowsIn(section(PAGE, 'HTTP')).map(([path]) => bare(path))
  t.true(paths.length > 0)
  for (const path of paths) {
    const { status } = await site.ask(path, { method: 'HEAD' })
    t.is(status, 200, path)
  }
})

test('operations - the metrics are those that a node has', async (t) => {
  const { text } = await (await siteFor(t)).ask('/metrics')
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type])
  const rows = rowsIn(section(PAGE, 'Metrics')).map(([name, type]) => [bare(name), type])
  t.deepEqual(rows.toSorted(), types.toSorted())
})

test('operations - the settings for several machines are right, and listen everywhere', (t) => {
  const lines = section(PAGE, 'Several machines').match(/^ {4}\S.*$/gm) ?? []
  const dir = temporaryFolder(t, { '.env': lines.map((line) => line.trim()).join('\n') })
  const { address, listen, warnings } = readConfig({ dir, env: {} })
  t.is(`${address}`, 'ws://192.168.1.17:4001')
  t.deepEqual(listen, ['0.0.0.0', '::'])
  t.deepEqual(warnings, [])
})
