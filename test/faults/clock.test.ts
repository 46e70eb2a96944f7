/** The clock on the wall is set while nodes run: all that they wait for goes by another one. */

import test from 'ava'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { WallClock } from '../helpers/wall-clock.ts'

const HOURS_OF_TEN_YEARS = 10 * 365 * 24
/** So that it shows in the lines, which have no date. */
const MORE_HOURS = 7
const HOUR_MS = 60 * 60 * 1000

for (const [where, direction] of [
  ['ahead', 1],
  ['back', -1],
] as const) {
  test.serial(`clock - set ten years ${where}, it moves no deadline`, async (t) => {
    const clock = new WallClock(t)
    const nodes = await createNodes(t, 4, { settings: QUICK_TIMINGS })
    await Promise.all(nodes.map((node) => node.start({ env: clock.env })))
    await waitUntilComplete(nodes)
    const [one, two, frozen, killed] = nodes
    if (!one || !two || !frozen || !killed) return t.fail()

    clock.jump(direction * (HOURS_OF_TEN_YEARS + MORE_HOURS))
    await killed.stop('SIGKILL')
    await one.printed(new RegExp(`${killed.address} left`))
    await waitUntil(
      () => hoursAhead(one.lines.at(-1) ?? '') === (24 + direction * MORE_HOURS) % 24,
      () => one.output,
    )
    // A silent link is given up after its time and no later, and the others are not given up
    // before.
    frozen.signal('SIGSTOP')
    for (const node of [one, two]) {
      await node.printed(new RegExp(`${frozen.address} left .*'silent for too long'`))
      const others = nodes.filter((other) => other !== frozen && other !== killed)
      for (const { address } of others) t.notRegex(node.output, new RegExp(`${address} left`))
    }
    // Lost peers are dialed again.
    frozen.signal('SIGCONT')
    await killed.start({ env: clock.env })
    await t.notThrowsAsync(waitUntilComplete(nodes))
    assertNoUnhandledErrors(t, nodes)
  })
}

/** By how many hours, from 0 to 23, the time of a line is ahead of ours. */
function hoursAhead(line: string): number {
  const shownMs = Date.parse(`1970-01-01T${line.slice(0, 8)}Z`)
  return (24 + (Math.round((shownMs - Date.now()) / HOUR_MS) % 24)) % 24
}
