/** Nodes in network namespaces, a plan of faults, and whether they are one mesh in the end. */

import { setTimeout as delay } from 'node:timers/promises'
import { Lan } from '../helpers/lan.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { openSocketsOf } from '../helpers/socket-table.ts'
import type { Teardown } from '../helpers/teardown.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { type WrongPair, wrongPairs } from './judge.ts'
import { describeFault, type Fault } from './plan.ts'

export interface SoakOptions {
  readonly nodes: number
  readonly plan: readonly Fault[]
  /** When all faults are lifted, in ms after the first. */
  readonly forMs: number
  /** More settings of the nodes. */
  readonly settings?: Readonly<Record<string, string>>
  /** Ends it early. */
  readonly signal?: AbortSignal
  readonly print: (line: string) => void
}

/** A node of the mesh, and the IP of its host. */
export interface Member {
  readonly ip: string
  readonly node: NodeProcess
}

/** What the kernel says in the end, or at a start that failed; no wrong pairs when all is well. */
export interface SoakOutcome {
  readonly members: readonly Member[]
  readonly wrong: readonly WrongPair[]
}

/** In every namespace. */
const PORT = 4001

/** Time for the nodes to start, in ms, also on a machine without CPU to spare. */
const STARTS_MS_MAX = 120_000

/**
 * Time until every pair has one connection that lasts, from the start of the last node on, in ms.
 * The kernel's table has a connection that a partition broke until it is found silent.
 */
const SETTLES_MS_MAX = 30_000

/** Time for which no pair may be without a connection after that, in ms. */
const HOLDS_MS = 5_000

/** Pause between two looks at the kernel's tables, in ms. */
const LOOK_MS = 250

/**
 * Starts the nodes, carries out the plan, lifts all faults, and waits until the kernel has one
 * connection for each pair, and has it for some seconds. A mesh that is not complete before the
 * first fault is the outcome.
 *
 * @throws when a node ends without being told to
 */
export async function soak(t: Teardown, options: SoakOptions): Promise<SoakOutcome> {
  const run = await SoakRun.create(t, options)
  const wrong = await run.start()
  if (wrong.length > 0) return run.outcome(wrong)
  await run.carryOut()
  await run.liftAll()
  return run.settle()
}

class SoakRun {
  readonly #options: SoakOptions
  readonly #lan: Lan
  readonly #members: readonly Member[]
  /** The faults that last. */
  readonly #open = new Set<Fault>()

  private constructor(options: SoakOptions, lan: Lan, members: readonly Member[]) {
    this.#options = options
    this.#lan = lan
    this.#members = members
  }

  static async create(t: Teardown, options: SoakOptions): Promise<SoakRun> {
    const lan = Lan.create(t, options.nodes)
    const addresses = lan.hosts.map(({ ip }) => `ws://${ip}:${PORT}`)
    const knownPeers = [addresses.at(0) ?? '', addresses.at(-1) ?? '']
    const members = lan.hosts.map(async ({ ip, runtime }) => {
      const settings = { ADDRESS: `ws://${ip}:${PORT}`, LOG_LEVEL: 'debug', ...options.settings }
      return {
        ip,
        node: await NodeProcess.create(t, { port: PORT, knownPeers, runtime, settings }),
      }
    })
    return new SoakRun(options, lan, await Promise.all(members))
  }

  /** Gives the pairs that are wrong; none when the mesh is complete. */
  async start(): Promise<readonly WrongPair[]> {
    for (const { node } of this.#members) node.launch()
    const startedMs = performance.now()
    await this.#listening()
    const wrong = await this.#wrongBy(performance.now() + SETTLES_MS_MAX)
    const took = seconds(performance.now() - startedMs)
    this.#print(wrong.length > 0 ? 'not complete at the start' : `complete ${took}`)
    return wrong
  }

  async carryOut(): Promise<void> {
    const { plan, forMs, signal } = this.#options
    const beginnings = plan.map((fault) => ({ atMs: fault.fromMs, act: () => this.#begin(fault) }))
    const ends = plan.map((fault) => ({ atMs: fault.toMs, act: () => this.#end(fault) }))
    const acts = [...beginnings, ...ends].filter(({ atMs }) => atMs < forMs)
    acts.push({ atMs: forMs, act: async () => {} })
    const startedMs = performance.now()
    for (const { atMs, act } of acts.sort((a, b) => a.atMs - b.atMs)) {
      await delay(startedMs + atMs - performance.now(), undefined, { signal })
      await act()
    }
  }

  async liftAll(): Promise<void> {
    await Promise.all([...this.#open].map((fault) => this.#end(fault)))
    await this.#listening()
  }

  async #listening(): Promise<void> {
    const isListening = ({ node }: Member): boolean => node.eventsOf('listening').length > 0
    await waitUntil(
      () => {
        for (const { node } of this.#members) this.#assertRuns(node)
        return this.#members.every(isListening)
      },
      () =>
        this.#members
          .filter((member) => !isListening(member))
          .map(({ ip }) => ip)
          .join(' '),
      STARTS_MS_MAX,
    )
  }

  async settle(): Promise<SoakOutcome> {
    const liftedMs = performance.now()
    for (;;) {
      const wrong = await this.#wrongBy(liftedMs + SETTLES_MS_MAX)
      if (wrong.length > 0) return this.outcome(wrong)
      this.#print(
        `one connection a pair ${seconds(performance.now() - liftedMs)} after the last fault`,
      )
      const lacking = await this.#lackingWithin(HOLDS_MS)
      // A dial that verifies an address makes a double for a moment.
      if (lacking.length === 0) {
        return this.outcome(await this.#wrongBy(performance.now() + SETTLES_MS_MAX))
      }
      this.#print(`${lacking.map(({ ips }) => ips.join(' and ')).join(', ')}: no connection`)
      if (performance.now() > liftedMs + SETTLES_MS_MAX) return this.outcome(lacking)
    }
  }

  /** The pairs without a connection, as soon as there are any; none after so long. */
  async #lackingWithin(ms: number): Promise<readonly WrongPair[]> {
    const untilMs = performance.now() + ms
    while (performance.now() < untilMs) {
      const lacking = this.#look().filter(({ connections }) => connections.length === 0)
      if (lacking.length > 0) return lacking
      await this.#pause()
    }
    return []
  }

  /** None as soon as no pair is wrong; the wrong ones at the deadline. */
  async #wrongBy(deadlineMs: number): Promise<readonly WrongPair[]> {
    for (;;) {
      const wrong = this.#look()
      if (wrong.length === 0 || performance.now() > deadlineMs) return wrong
      await this.#pause()
    }
  }

  #look(): readonly WrongPair[] {
    for (const { node } of this.#members) this.#assertRuns(node)
    const sockets = this.#members.flatMap(({ node }) => openSocketsOf(node.pid))
    const ips = this.#members.map(({ ip }) => ip)
    return wrongPairs(ips, sockets, PORT)
  }

  async #pause(): Promise<void> {
    await delay(LOOK_MS, undefined, { signal: this.#options.signal })
  }

  async #begin(fault: Fault): Promise<void> {
    this.#print(describeFault(fault))
    this.#open.add(fault)
    if (fault.kind === 'partition') {
      this.#lan.cutOff(this.#lan.hosts.filter((_, index) => fault.nodes.includes(index)))
      return
    }
    const node = this.#nodeAt(fault.node)
    this.#assertRuns(node)
    node.signal(fault.kind)
  }

  async #end(fault: Fault): Promise<void> {
    this.#open.delete(fault)
    if (fault.kind === 'partition') return this.#lan.heal()
    const node = this.#nodeAt(fault.node)
    if (fault.kind === 'SIGSTOP') return node.signal('SIGCONT')
    const { code } = await node.exit
    // One that had no time to ask for the signal is ended by it.
    if (code !== 0 && code !== fault.kind) throw new Error(`ended with ${code}\n${node.history}`)
    node.launch()
  }

  #nodeAt(index: number): NodeProcess {
    const member = this.#members[index]
    if (member === undefined) throw new RangeError(`no node ${index}`)
    return member.node
  }

  #assertRuns(node: NodeProcess): void {
    if (!node.isRunning) throw new Error(`ended by itself\n${node.history}`)
  }

  outcome(wrong: readonly WrongPair[]): SoakOutcome {
    return { members: this.#members, wrong }
  }

  #print(line: string): void {
    this.#options.print(line)
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
