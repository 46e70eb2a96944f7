/** `npm start` with more nodes than anybody can read the lines of. */

import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { pictureOf } from '../helpers/terminal-picture.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { commandOf, descendantsOf, isRunning } from './process-tree.ts'
import { FAKE_NODE, nodesOf, printed, start } from './run-start.ts'
import { launchProgram, NODE, temporaryRoot } from './run-tool.ts'

/** A node of several, in one of which something is the matter. */
const MANY = `joined(5); if (N === 4) warn('a warning')
  process.on('SIGUSR2', () => N === 2 ? process.exit(0) : left(4))`

test.serial('start - many nodes have one line each in a pipe, besides warnings', async (t) => {
  const root = temporaryRoot(t, { 'index.js': FAKE_NODE.replace(/^console.*\n/m, '') })
  const mesh = start(t, root, MANY, ['6'])
  await printed(mesh, /^page: /m)
  mesh.child.kill('SIGINT')
  const { stdout } = await mesh.exit
  const lines = stdout.split('\n').filter((line) => /^(node-| +\|)/.test(line))
  t.deepEqual(lines.toSorted(), [
    'node-1 | 12:00:00 listening on ws://localhost:4001',
    'node-2 | 12:00:00 listening on ws://localhost:4002',
    'node-3 | 12:00:00 listening on ws://localhost:4003',
    'node-4 | 12:00:00 a warning',
    'node-4 | 12:00:00 listening on ws://localhost:4004',
    'node-5 | 12:00:00 listening on ws://localhost:4005',
    'node-6 | 12:00:00 listening on ws://localhost:4006',
  ])
  t.false(stdout.includes('\u001b'))
})

for (const [how, words, env] of [
  ['--verbose', ['6', '--verbose'], {}],
  ['LOG_LEVEL=debug', ['6'], { LOG_LEVEL: 'debug' }],
] as const) {
  test.serial(`start - ${how} shows all lines of many nodes`, async (t) => {
    const mesh = start(t, temporaryRoot(t, { 'index.js': FAKE_NODE }), MANY, [...words], env)
    await printed(mesh, /^page: /m)
    mesh.child.kill('SIGINT')
    t.is((await mesh.exit).stdout.match(/connected to ws:\S+ \(5 peers\)/g)?.length, 6)
  })
}

test.serial(
  'start - many nodes on a terminal are a list that is drawn anew in place',
  async (t) => {
    const root = temporaryRoot(t, { 'index.js': FAKE_NODE.replace(/^console.*\n/m, '') })
    const words = [...NODE, join(REPOSITORY, 'build/start.ts'), '--root', root, '6']
    const command = `stty cols 80 rows 24; exec ${words.map((word) => `'${word}'`).join(' ')}`
    const mesh = launchProgram(t, 'script', ['-qec', command, '/dev/null'], {
      env: { BEHAVIOUR: MANY, NO_COLOR: '1', TERM: 'xterm' },
    })
    const picture = () => pictureOf(mesh.stdout)
    const shown = (pattern: RegExp) =>
      waitUntil(
        () => picture().some((line) => pattern.test(line)),
        () => `a line like ${pattern}\n${picture().join('\n')}`,
      )
    await shown(/all 6 nodes connected after/)
    const lines = picture()
    const before = lines.indexOf('running node-1 … node-6, Ctrl-C to stop')
    t.deepEqual(
      lines.slice(before + 1).map((line) => line.replace(/\d+\.\d s/, 'N s')),
      [
        'node-4 | 12:00:00 a warning',
        ...[1, 2, 3, 4, 5, 6].map((n) => `node-${n}  ws://localhost:400${n}  connected to 5 of 5`),
        'all 6 nodes connected after N s, 15 connections',
        'page: http://localhost:4001/',
      ],
    )
    const runner = descendantsOf(mesh.child.pid ?? 0).find((pid) =>
      commandOf(pid).some((word) => word.endsWith('build/start.ts')),
    )
    if (runner === undefined) return t.fail('the runner does not run')
    for (const pid of nodesOf(mesh)) process.kill(pid, 'SIGUSR2')
    await shown(/all 5 running nodes connected; ended: node-2/)
    // The folder is elsewhere, and the line is cut.
    await shown(/^node-2 {2}ended with exit code 0; to start it again: cd \/\S+…$/)
    await shown(/^node-3 .* connected to 4 of 4$/)
    const nodes = nodesOf(mesh)
    process.kill(runner, 'SIGINT')
    await mesh.exit
    t.deepEqual(picture().slice(-2), [
      'all 5 running nodes connected; ended: node-2',
      'all nodes stopped',
    ])
    t.is(nodes.length, 5)
    t.deepEqual(nodes.filter(isRunning), [])
  },
)
