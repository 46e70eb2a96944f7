/** Texts about runs, for people. */

import { describeMessages } from './messages/describe-messages.ts'
import type { Fault, NodePlan, Plan } from './plan.ts'
import type { Outcome } from './run.ts'

/** Lines of the trace that are printed for a run that failed. */
const TRACE_LINES = 80

/**
 * The plan of a run, one line for each node and each fault. Faults have the numbers that
 * `--without` takes.
 */
export function describePlan(plan: Plan): string {
  const { seed, where, latency, timings, nodes, faults, hostile, quiescentMs } = plan
  const spread = `${latency.minMs.toFixed(1)}–${latency.maxMs} ms`
  const lines = [
    `seed ${seed}: ${nodes.length} nodes on ${where}, latency ${spread}, dial timeout ${timings.dialTimeoutMs} ms`,
    ...nodes.map(describeNode),
    ...faults.map(
      (fault, index) => `  fault ${index} at ${seconds(fault.atMs)}: ${describeFault(fault)}`,
    ),
  ]
  if (hostile !== undefined) {
    const until = hostile.stays ? 'until the end' : 'until the quiescence'
    const what = hostile.attacks.join(', ')
    lines.push(`  a hostile peer from ${seconds(hostile.fromMs)} ${until}: ${what}`)
  }
  if (plan.messages !== undefined) lines.push(...describeMessages(plan.messages))
  return [...lines, `  quiescence at ${seconds(quiescentMs)}`].join('\n')
}

/** How a run ended, in a line. */
export function describeOutcome({ problem, completeMs, restMs, boundMs, tally }: Outcome): string {
  if (problem !== undefined) return `  FAILED: ${problem}`
  const rest = Number.isNaN(restMs) ? 'never at rest' : `at rest after ${seconds(restMs)}`
  const took = `complete after ${seconds(completeMs)}, ${rest}, bound ${seconds(boundMs)}`
  const dials = `${tally.dials} dials, ${tally.verifications} verifications`
  return `  ${took}\n  ${dials}, ${tally.duplicatesClosed} duplicates closed, ${tally.handshakes} HANDSHAKEs`
}

/** A run that failed, with its trace and the command that repeats it. */
export function describeFailure(plan: Plan, outcome: Outcome, without: readonly number[]): string {
  const faults = without.length === 0 ? '' : ` --without ${without.join()}`
  const left = without.length === 0 ? '' : `&without=${without.join()}`
  return [
    ...outcome.trace.tail(TRACE_LINES),
    describePlan(plan),
    describeOutcome(outcome),
    `  again, with the whole trace: npm run sim -- --seed ${outcome.seed}${faults}`,
    `  to watch it: npm run lab -- '#sim=${outcome.seed}${left}'`,
  ].join('\n')
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}

function describeNode({ kind, startMs, knownPeers }: NodePlan, index: number): string {
  const names = knownPeers.map(
    ({ index: other, byAlias }) => `node-${other + 1}${byAlias ? ' (alias)' : ''}`,
  )
  const what = kind === 'plain' ? ', a plain peer,' : ''
  return `  node-${index + 1}${what} starts at ${seconds(startMs)}, known peers: ${names.join(', ') || 'none'}`
}

function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'crash': {
      const how = fault.powerCut ? 'lose power' : 'crash'
      return `${names(fault.nodes)} ${how}, back after ${seconds(fault.backAfterMs)}`
    }
    case 'freeze':
      return `${names([fault.node])} freezes for ${seconds(fault.forMs)}`
    case 'starve':
      return `${names(fault.nodes)} run only after pauses of up to ${seconds(fault.pauseMs)}, for ${seconds(fault.forMs)}`
    case 'partition': {
      const how = fault.oneSided ? 'cannot send to' : 'are cut off from'
      return `${names(fault.nodes)} ${how} the others for ${seconds(fault.forMs)}`
    }
    case 'cut': {
      const how = fault.oneWay ? 'in one direction' : 'in both directions'
      return `${Math.round(100 * fault.share)} % of the connections die silently ${how}`
    }
    case 'sever':
      return `${Math.round(100 * fault.share)} % of the connections are reset`
    case 'slow': {
      const kib = Math.round(fault.bytesPerMs)
      return `${names([fault.node])} reads ${kib} kB/s of each connection for ${seconds(fault.forMs)}`
    }
    case 'hang':
      return `dials to ${names([fault.node])} hang for ${seconds(fault.forMs)}`
    case 'forget': {
      const pair = `${names([fault.node])} forgets ${names([fault.other])}`
      return `${pair}, and adds it after ${seconds(fault.forMs)}`
    }
    case 'copy':
      return `a copy of ${names([fault.node])} is started with the same PORT`
    default:
      return fault satisfies never
  }
}

function names(indexes: readonly number[]): string {
  return indexes.map((index) => `node-${index + 1}`).join(', ')
}
