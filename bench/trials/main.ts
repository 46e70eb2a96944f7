/** The process of one trial: an order comes as argument, the result goes out as JSON. */

import { Cluster } from '../cluster.ts'
import { SYSTEMS } from '../systems/all.ts'
import { formation } from './formation.ts'
import { MEMORY_ENV, memory } from './memory.ts'
import { messages } from './messages.ts'
import { profile, profileFlags } from './profile.ts'
import { rejoin } from './rejoin.ts'
import { rest } from './rest.ts'
import type { TrialOrder, TrialResult } from './trial.ts'

// It ends when the bench does, even by SIGKILL.
process.stdin.resume().once('end', () => process.exit())

const order: TrialOrder = JSON.parse(process.argv[2] ?? '')
console.log(JSON.stringify(await carryOut(order)))
// We are the first process of a namespace: when we end, the kernel ends all others in it.
process.exit()

async function carryOut(order: TrialOrder): Promise<TrialResult> {
  const { what, nodes, folder, programs, limitSeconds } = order
  if (what.kind === 'messages') return messages(order, what)
  const system = Object.values(SYSTEMS).find(({ name }) => name === order.system)
  if (system === undefined) return { kind: 'left-out', reason: 'it forms no mesh' }
  const env = what.kind === 'memory' ? MEMORY_ENV : {}
  const flags = what.kind === 'profile' ? profileFlags : undefined
  const cluster = Cluster.create({ system, nodes, folder, programs, env, flags })
  if (cluster === undefined) return { kind: 'left-out', reason: 'its program is missing' }
  switch (what.kind) {
    case 'formation':
      return formation(cluster, limitSeconds)
    case 'rejoin':
      return rejoin(cluster, limitSeconds, what.victims)
    case 'rest':
      return rest(cluster, limitSeconds, what)
    case 'memory':
      return memory(cluster, limitSeconds)
    case 'profile':
      return profile(cluster, limitSeconds)
    default:
      return what satisfies never
  }
}
