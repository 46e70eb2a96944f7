/** `npm run sim` as a process: what it takes, and its exit codes. */

import test from 'ava'
import type { Exit } from '../helpers/node-process.ts'
import { launchCompiled } from '../tools/run-tool.ts'
import { planFor } from './plan.ts'

function sim(t: Parameters<typeof launchCompiled>[0], ...words: string[]): Promise<Exit> {
  return launchCompiled(t, 'test/sim/main.ts', words).exit
}

test('sim - a mesh that becomes complete is success, and one that does not is none', async (t) => {
  const whole = await sim(t, '--nodes', '3')
  t.like(whole, { code: 0, stderr: '' })
  t.regex(whole.stdout, /^3 nodes, 3 pairs: complete after /)
  // No packet arrives before it gives up.
  const broken = await sim(t, '--nodes', '3', '--latency', '100000000')
  t.like(broken, { code: 1, stderr: '' })
  t.regex(broken.stdout, /^3 nodes, 3 pairs: NOT COMPLETE after /)
})

test('sim - only faults of the plan can be left out', async (t) => {
  const { length } = planFor(5).faults
  t.true(length > 0)
  for (const [without, wrong] of [
    [`0,${length}`, `${length}`],
    ['x', 'x'],
    ['0,,', ''],
  ] as const) {
    const { code, stderr } = await sim(t, '--seed', '5', '--without', without)
    t.is(code, 2)
    t.is(stderr, `sim: --without must be faults from 0 to ${length - 1}, got '${wrong}'\n`)
  }
  t.is((await sim(t, '--seed', '5', '--without', `0,${length - 1}`)).code, 0)
})
