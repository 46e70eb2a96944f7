/** The messages of a plan, for people. */

import type { Burst, MessagePlan } from './message-plan.ts'

export function describeMessages({ bursts, settings }: MessagePlan): readonly string[] {
  const nodes = settings.flatMap((one, index) => {
    if (one === undefined) return [`node-${index + 1} speaks no messages`]
    const small = one.logBytes === undefined ? '' : ` keeps ${one.logBytes} bytes`
    const late = one.readsLate ? ' reads late' : ''
    return small === '' && late === '' ? [] : [`node-${index + 1}${small}${late}`]
  })
  return [...nodes, ...bursts.map(describeBurst)].map((line) => `  ${line}`)
}

function describeBurst({ atMs, node, count, bytes, everyMs }: Burst): string {
  const at = (atMs / 1000).toFixed(1)
  return `node-${node + 1} publishes ${count} × ${bytes} bytes every ${everyMs.toFixed(1)} ms from ${at} s on`
}
