/**
 * `npm run soak`: real nodes in network namespaces that are killed, stopped and cut off at random.
 * One seed is one plan of faults; what the machine makes of it differs.
 */

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { EXIT_USAGE, readCount, runTool, ToolError } from '../../build/command-line.ts'
import { readOutput } from '../../build/node-output.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { ToolTeardown } from '../helpers/teardown.ts'
import { messageSoak } from './message-soak.ts'
import { planFor } from './plan.ts'
import { type Member, type SoakOutcome, soak } from './soak.ts'

const HELP = `
npm run soak -- [OPTION…]   kills, stops and cuts off nodes at random; then each pair must have
                            one connection within 30 s, by the kernel's socket table

--nodes N     how many nodes (40), each in a network namespace
--minutes M   how long faults begin (5)
--seed SEED   the plan of faults (random); the next one for each further time
--times N     how often (1); ends at the first failure

--messages N  instead: N messages through three nodes that all publish. Each node must get each
              message once and in order, and from the half on its memory must not grow, which is
              judged from 3,000,000 messages on. Needs neither Linux nor root

Without --messages it runs node-1/index.js as it is, on Linux as root, with iproute2 and nftables. When it fails, the
logs of all nodes are in dist/soak.
`

/** Each has an IP of one /24, and a namespace. */
const NODES_MAX = 200

const SEED_MAX = 2 ** 31
const TIMES_MAX = 1_000

/** A day. */
const MINUTES_MAX = 24 * 60

/** A day, on a fast machine. */
const MESSAGES_MAX = 10_000_000_000

/** Lines of each log that are shown, and pairs whose logs are shown. */
const TAIL_LINES = 20
const SHOWN_PAIRS_MAX = 5

const LOGS = join(REPOSITORY, 'dist/soak')

/** The exit code of a program that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

await runTool({
  name: 'soak',
  help: HELP,
  values: ['--nodes', '--minutes', '--seed', '--times', '--messages'],
  async run({ values }) {
    const count = (option: string, fallback: number, max: number): number =>
      readCount(values.get(option) ?? String(fallback), max)
    const nodes = count('--nodes', 40, NODES_MAX)
    const firstSeed = count('--seed', 1 + Math.floor(Math.random() * (SEED_MAX - 1)), SEED_MAX)
    const times = count('--times', 1, TIMES_MAX)
    const forMs = 60_000 * minutesIn(values.get('--minutes') ?? '5')

    const interrupt = new AbortController()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => interrupt.abort())
    }
    if (values.has('--messages')) {
      return runMessages(count('--messages', 0, MESSAGES_MAX), interrupt.signal)
    }
    for (let time = 0; time < times; time += 1) {
      const exitCode = await runOnce(nodes, firstSeed + time, forMs, interrupt.signal)
      if (exitCode !== 0) return exitCode
    }
    return 0
  },
})

function minutesIn(text: string): number {
  const minutes = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : Number.NaN
  if (minutes > 0 && minutes <= MINUTES_MAX) return minutes
  const problem = `minutes must be a number up to ${MINUTES_MAX}, got '${text}'`
  throw new ToolError(problem, EXIT_USAGE)
}

/** The exit code. */
async function runMessages(messages: number, signal: AbortSignal): Promise<number> {
  const t = new ToolTeardown()
  console.log(`${messages} messages through three nodes, and the memory of each`)
  try {
    const wrong = await messageSoak(t, { messages, signal, print: console.log })
    for (const line of wrong) console.log(line)
    console.log(wrong.length === 0 ? 'passed' : 'failed')
    return wrong.length === 0 ? 0 : 1
  } catch (error) {
    if (signal.aborted) return EXIT_INTERRUPTED
    throw error
  } finally {
    await t.run()
  }
}

/** The exit code. */
async function runOnce(
  nodes: number,
  seed: number,
  forMs: number,
  signal: AbortSignal,
): Promise<number> {
  const t = new ToolTeardown()
  console.log(`seed ${seed}: ${nodes} nodes, faults for ${forMs / 60_000} minutes`)
  try {
    const plan = planFor(seed, nodes, forMs)
    const outcome = await soak(t, { nodes, plan, forMs, signal, print: console.log })
    if (outcome.wrong.length > 0) showFailure(outcome)
    console.log(`seed ${seed}: ${outcome.wrong.length === 0 ? 'passed' : 'failed'}`)
    return outcome.wrong.length === 0 ? 0 : 1
  } catch (error) {
    // Ctrl-C also ends the nodes.
    if (signal.aborted) return EXIT_INTERRUPTED
    throw error
  } finally {
    await t.run()
  }
}

function showFailure({ members, wrong }: SoakOutcome): void {
  mkdirSync(LOGS, { recursive: true })
  for (const { ip, node } of members) writeFileSync(join(LOGS, `${ip}.log`), node.history)
  for (const { ips, connections } of wrong) {
    const has = connections.length === 0 ? 'no connection' : connections.join(', ')
    console.log(`${ips.join(' and ')}: ${has}`)
  }
  const shown = new Set(wrong.slice(0, SHOWN_PAIRS_MAX).flatMap(({ ips }) => ips))
  for (const member of members) {
    if (shown.has(member.ip)) console.log(`--- ${member.ip}\n${tail(member)}`)
  }
  console.log(`all logs: ${LOGS}`)
}

function tail({ node }: Member): string {
  const lines = node.history.trimEnd().split('\n').slice(-TAIL_LINES)
  return lines.map((line) => readOutput(line).text).join('\n')
}
