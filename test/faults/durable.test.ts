/**
 * What was acknowledged survives kill -9, and nothing is made up. 20 kills; DURABLE_KILLS=1000 for
 * more: DURABLE_KILLS=1000 npx ava --timeout=30m test/faults/durable.test.ts
 */

import { spawn } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { Store } from '../../src/storage/store.ts'
import { eventsIn } from '../../src/wire/feed-codec.ts'
import { compiled } from '../helpers/compiled.ts'
import { bodyOf } from '../helpers/durable-program.ts'
import { endChild } from '../helpers/end-child.ts'
import { Run } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const KILLS = Number(process.env['DURABLE_KILLS'] ?? 20)

/** The program lives for so long after it is ready, at most, in ms. */
const LIFE_MS_MAX = 150

/** Compiled: it starts a thousand times. */
const PROGRAM = compiled('test/helpers/durable-program.ts', { isWhole: true })

/** Starts the program, perhaps by another program. */
function launch(t: ExecutionContext, words: readonly string[], by: readonly string[] = []) {
  const [program = process.execPath, ...rest] = [...by, process.execPath, PROGRAM, ...words]
  const child = spawn(program, rest, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] })
  const run = new Run(child)
  t.teardown(() => endChild(child))
  return {
    /** What it has printed so far. When it is killed, a message may be cut off: they come last. */
    get output() {
      return `${run.stderr}${run.stdout}`
    },
    kill: () => child.kill('SIGKILL'),
    ends: () => run.ends(),
  }
}

/** The messages that lines of such a kind name, as FEED SEQ. */
function named(output: string, kind: string): readonly string[] {
  // Without its end the last line may be a part.
  return output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line.startsWith(`${kind} `))
    .map((line) => line.slice(kind.length + 1))
}

/** The messages in a folder, as FEED SEQ. None is missing between others, or made up. */
async function storedIn(t: ExecutionContext, folder: string): Promise<ReadonlySet<string>> {
  const report = (): void => {}
  const store = new Store({ folder, mib: 4_096, feed: '0'.repeat(32), report })
  const stored = new Set<string>()
  for (const feed of store.feeds()) {
    for (const found of store.read(feed, 0)) {
      if (found.kind === 'missing') {
        t.fail(`${feed} ${found.first} to ${found.last} is missing`)
        continue
      }
      let seq = found.from
      for (const { bodies } of eventsIn(found.text())) {
        for (const body of bodies.kind === 'json' ? bodies.values : []) {
          t.deepEqual(body, bodyOf(seq))
          stored.add(`${feed} ${seq}`)
          seq += 1
        }
      }
    }
  }
  await store.close()
  return stored
}

test.serial(`durable - ${KILLS} times kill -9 loses nothing that was acknowledged`, async (t) => {
  const acknowledged = new Set<string>()
  const handled = new Set<string>()
  const folder = temporaryFolder(t)
  let cuts = 0
  for (let kills = 0; kills < KILLS; kills += 1) {
    const run = launch(t, [folder, 'publish'])
    await waitUntil(
      () => run.output.includes('ready\n'),
      () => run.output,
    )
    await delay(Math.random() * LIFE_MS_MAX)
    run.kill()
    await run.ends()
    t.deepEqual(named(run.output, 'invented'), [])
    t.deepEqual(named(run.output, 'gap'), [])
    for (const one of named(run.output, 'ack')) acknowledged.add(one)
    for (const one of named(run.output, 'handled')) handled.add(one)
    t.notRegex(run.output, /nothing more is stored/)
    cuts += run.output.includes('cut ') ? 1 : 0
  }
  const stored = await storedIn(t, folder)
  t.deepEqual(
    [...acknowledged].filter((one) => !stored.has(one)),
    [],
  )
  t.true(acknowledged.size > KILLS)
  // All that is stored reaches the named subscription, in one run or another.
  const last = launch(t, [folder])
  const missing = (): readonly string[] => {
    const now = new Set(named(last.output, 'handled'))
    return [...stored].filter((one) => !handled.has(one) && !now.has(one))
  }
  await waitUntil(
    () => missing().length === 0,
    () => missing().slice(0, 5).join(),
  )
  t.log(`${acknowledged.size} acknowledged, ${stored.size} stored, ${cuts} torn tails`)
})

/** Runs a program with a small file system of its own, and copies what is there when it ends. */
function onSmallDisk(folder: string, options: string, copy: string): readonly string[] {
  const mount = `mount -t tmpfs -o ${options} tmpfs "$0"`
  const run = `setpriv --pdeathsig KILL "$@"; cp -r "$0/." ${copy}`
  return ['unshare', '--mount', 'sh', '-c', `${mount} && { ${run}; }`, folder]
}

test.serial(
  'durable - a full disk fails the log, and what was acknowledged is there',
  async (t) => {
    const folder = temporaryFolder(t)
    const copy = temporaryFolder(t)
    const run = launch(t, [folder, 'publish'], onSmallDisk(folder, 'size=2m', copy))
    await run.ends()
    t.regex(
      run.output,
      /log error nothing more is stored in \S+ \(ENOSPC\); free the disk, then restart the node/,
    )
    t.regex(run.output, /DATA_FAILED/)
    t.is(named(run.output, 'log').filter((line) => line.startsWith('error')).length, 1)
    const acknowledged = named(run.output, 'ack')
    t.true(acknowledged.length > 10)
    const stored = await storedIn(t, copy)
    t.deepEqual(
      acknowledged.filter((one) => !stored.has(one)),
      [],
    )
  },
)

test.serial('durable - a disk that is read-only is an error of one line', async (t) => {
  const folder = temporaryFolder(t)
  const disk = onSmallDisk(folder, 'size=2m,ro', temporaryFolder(t))
  const run = launch(t, [folder, 'publish'], disk)
  await run.ends()
  t.regex(run.output, /NodeError: \S+ cannot be written \(EROFS\); /)
})
