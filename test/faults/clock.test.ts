/** The clock on the wall is set while nodes run: all that they wait for goes by another one. */

import test from 'ava'
import { createNodes, waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { WallClock } from '../helpers/wall-clock.ts'

const HOURS_OF_TEN_YEARS = 10 * 365 * 24
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

    clock.jump(direction * HOURS_OF_TEN_YEARS)
    await killed.stop('SIGKILL')
    await one.reported('peer-left', { address: killed.address })
    await waitUntil(
      () => hoursAhead(one.lines.at(-1) ?? '') === direction * HOURS_OF_TEN_YEARS,
      () => one.output,
    )
    // A silent link is given up after its time and no later, and the others are not given up
    // before.
    frozen.signal('SIGSTOP')
    for (const node of [one, two]) {
      const ending = { reason: 'silent for too long' }
      await node.reported('peer-left', { address: frozen.address, ending })
      const others = nodes.filter((other) => other !== frozen && other !== killed)
      const left = node.eventsOf('peer-left').map(({ address }) => String(address))
      t.false(others.some(({ address }) => left.includes(address)))
    }
    // Lost peers are dialed again.
    frozen.signal('SIGCONT')
    await killed.start({ env: clock.env })
    await t.notThrowsAsync(waitUntilComplete(nodes))
    assertNoUnhandledErrors(t, nodes)
  })
}

/** By how many hours the time of a line is ahead of ours. */
function hoursAhead(line: string): number {
  return Math.round((Date.parse(JSON.parse(line).time) - Date.now()) / HOUR_MS)
}
