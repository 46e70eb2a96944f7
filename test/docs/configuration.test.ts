/** The tables of docs/CONFIGURATION.md are the settings and options, with their defaults. */

import test from 'ava'
import { MESSAGE_SETTINGS, SETTINGS, TIMING_SETTINGS } from '../../src/config/settings.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import type { MeshNodeEvents } from '../../src/node/mesh-node-events.ts'
import type { MeshNodeOptions } from '../../src/node/options.ts'
import { bare, rowsIn, section } from './markdown.ts'

const PAGE = 'docs/CONFIGURATION.md'

interface Described {
  readonly name: string
  readonly meaning: string
  readonly defaultText: string
}

function rowOf({ name, meaning, defaultText }: Described): readonly string[] {
  return [`\`${name}\``, meaning, defaultText]
}

test('configuration - the settings are those of the code', (t) => {
  t.deepEqual(rowsIn(section(PAGE, 'Settings')), Object.values(SETTINGS).map(rowOf))
})

test('configuration - the settings of messages are those of the code', (t) => {
  t.deepEqual(rowsIn(section(PAGE, 'Messages')), Object.values(MESSAGE_SETTINGS).map(rowOf))
})

test('configuration - the timings are those of the code', (t) => {
  t.deepEqual(rowsIn(section(PAGE, 'Timings')), TIMING_SETTINGS.map(rowOf))
})

test('configuration - names the other timings as options, with their defaults', (t) => {
  const fields = new Set(TIMING_SETTINGS.map(({ field }) => `${field}`))
  const others = Object.entries(DEFAULT_TIMINGS).filter(([field]) => !fields.has(field))
  const rows = rowsIn(section(PAGE, 'Options of the library'))
  t.deepEqual(
    rows
      .filter(([option]) => bare(option).startsWith('timings.'))
      .map(([option, , defaultText]) => [bare(option), defaultText]),
    others.map(([field, ms]) => [`timings.${field}`, String(ms)]),
  )
})

test('configuration - the options of the library exist', (t) => {
  // The compiler compares these with the type; the test, with the page.
  const options = [
    'port',
    'address',
    'listen',
    'knownPeers',
    'mesh',
    'secret',
    'secretMode',
    'tls',
    'tlsPin',
    'certificate',
    'data',
    'httpHosts',
    'timings',
    'messages',
  ] satisfies readonly (keyof MeshNodeOptions)[]
  const rows = rowsIn(section(PAGE, 'Options of the library')).map(([option]) => bare(option))
  t.deepEqual(
    rows.filter((option) => !option.startsWith('timings.')),
    options,
  )
})

test('configuration - the events of the library exist', (t) => {
  const events = [
    'peer-up',
    'peer-data',
    'peer-down',
    'complete',
    'gap',
    'lag',
    'error',
    'event',
    'log',
  ] as const satisfies readonly (keyof MeshNodeEvents)[]
  const rows = rowsIn(section(PAGE, 'Events of the library')).map(([event]) => bare(event))
  t.deepEqual(rows, [...events])
})
