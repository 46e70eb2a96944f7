/** Two machines that are set up by following README.md word for word. */

import { copyFileSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { section } from '../docs/markdown.ts'
import { Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'

const SECTION = section('README.md', 'Nodes on several machines')

/** The lines of its block of settings. */
const SETTINGS = SECTION.match(/^ {4}\w+=.*$/gm) ?? []

/** What is left of that file of a clone: with its peers on localhost no mesh becomes complete. */
const KNOWN_PEERS_FILE = SECTION.includes('Delete `known-peers.json`')
  ? undefined
  : readFileSync(join(REPOSITORY, 'node-1', 'known-peers.json'), 'utf8')

const COMMAND = 'node index.js secret --write'

test.serial('several machines - the lines of the README make one encrypted mesh', async (t) => {
  t.is(SETTINGS.length, 3)
  t.true(SECTION.includes(`\`${COMMAND}\``))
  const { hosts } = Lan.create(t, 2)
  const ips = hosts.map(({ ip }) => ip)
  const lines = SETTINGS.map((line) =>
    line.trim().replace(/192\.0\.2\.(\d)/g, (_, number) => ips[Number(number) - 1] ?? ''),
  )
  const [first, second] = await Promise.all(
    hosts.map(({ ip, runtime }) => {
      const own = lines.map((line) => line.replace(/^(ADDRESS=wss:\/\/)[\d.]+/, `$1${ip}`))
      const ADDRESS = `wss://${ip}:4001`
      t.true(own.includes(`ADDRESS=${ADDRESS}`))
      const files = { '.env': `${own.join('\n')}\n`, 'known-peers.json': KNOWN_PEERS_FILE }
      return NodeProcess.create(t, { port: 4001, runtime, files, settings: { ADDRESS } })
    }),
  )
  if (first === undefined || second === undefined) return t.fail()
  t.is((await first.run({ args: COMMAND.split(' ').slice(2) })).code, 0)
  copyFileSync(join(first.folder, 'secret'), join(second.folder, 'secret'))
  const env = { LOG_FORMAT: 'json' }
  await Promise.all([first.start({ env }), second.start({ env })])
  await waitUntilComplete([first, second])
  for (const node of [first, second]) {
    t.is(node.eventsOf('secret-used')[0]?.certificates, 'secret')
    t.is((await node.stop()).code, 0)
  }
  assertNoUnhandledErrors(t, [first, second])
})
