/**
 * The processes of one system: started at once, killed, started again. They live in a process
 * namespace of their own (see namespace.ts), so that none outlives the trial.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { setPriority } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { type Environment, MEASURED_ENV } from './environment.ts'
import { type Connections, ConnectionWatch } from './kernel/connections.ts'
import { progress } from './kernel/counters.ts'
import { LookSchedule } from './look-schedule.ts'
import type { Launch, Place, Programs, System } from './systems/system.ts'

/** Everybody has a network of their own, so any ports are free. */
const PORT_MIN = 4001

/** Our priority among all processes while we watch, and while we start some, who inherit it. */
const PRIORITY = { watching: -20, starting: 0 } as const

/** When something became true, in ms as performance.now() has it, or that it did not in time. */
export type Reached = { readonly atMs: number; readonly connections: Connections } | undefined

interface Member {
  readonly place: Place
  readonly launch: Launch
  child: ChildProcess | undefined
}

/** Nodes of one system. */
export class Cluster {
  readonly system: System
  readonly #members: readonly Member[]
  readonly #env: Environment
  readonly #watch = new ConnectionWatch()

  private constructor(system: System, members: readonly Member[], env: Environment) {
    this.system = system
    this.#members = members
    this.#env = env
  }

  /** Nodes with their folders, not started; undefined when the system is not to be had here. */
  static create(options: {
    readonly system: System
    readonly nodes: number
    readonly folder: string
    readonly programs: Programs
    /** Variables that the processes get besides ours. */
    readonly env?: Environment
    /** Flags of Node, which come before those of its program. Default: none. */
    readonly flags?: ((index: number) => readonly string[]) | undefined
  }): Cluster | undefined {
    const { system, nodes, folder, programs, env = {}, flags = () => [] } = options
    const ports = Array.from({ length: nodes }, (_none, index) => PORT_MIN + index)
    // As node-1/known-peers.json has them.
    const seeds = ports.filter((_port, index) => index === 0 || index === Math.min(2, nodes - 1))
    const members: Member[] = []
    for (const [index, port] of ports.entries()) {
      const place = { index, folder: join(folder, `node-${index + 1}`), port, ports, seeds }
      mkdirSync(place.folder)
      const launch = system.prepare(place, programs)
      if (launch === undefined) return undefined
      const args = [...flags(index), ...launch.args]
      members.push({ place, launch: { ...launch, args }, child: undefined })
    }
    const cluster = new Cluster(system, members, { ...MEASURED_ENV, ...env })
    // The first look is slow, because its code runs for the first time: do it before the nodes
    // start.
    cluster.look()
    return cluster
  }

  /** All indices, from 0. */
  get indices(): readonly number[] {
    return this.#members.map((_member, index) => index)
  }

  get pids(): readonly number[] {
    return this.#members.map(({ child }) => child?.pid ?? 0)
  }

  /** What a node wrote on its standard error. */
  errorsOf(index: number): string {
    return readFileSync(join(this.#member(index).place.folder, 'stderr'), 'utf8')
  }

  /** The folder of a node, and the file that it runs. */
  filesOf(index: number): { readonly folder: string; readonly bundle: string } {
    const { place, launch } = this.#member(index)
    const script = launch.args.find((word) => /\.c?js$/.test(word)) ?? ''
    return { folder: place.folder, bundle: resolve(place.folder, script) }
  }

  /** Asks a node to end, and waits until it has. */
  async end(index: number): Promise<void> {
    const { child } = this.#member(index)
    if (child === undefined) return
    const exited = new Promise((done) => child.once('exit', done))
    child.kill('SIGTERM')
    await exited
  }

  /** Starts these nodes at once, and sends them their orders if the system has any. */
  async start(indices: readonly number[]): Promise<void> {
    prefer('starting')
    const started = indices.map((index) => this.#spawn(this.#member(index)))
    prefer('watching')
    const { system } = this
    if (system.order === undefined) return
    // Whoever ends instead of speaking is missed when the mesh does not become complete.
    const spoke = ({ stdout }: ChildProcess) => stdout && once(stdout, 'readable')
    await Promise.all(started.map(spoke))
    for (const { place, child } of this.#members) {
      child?.stdin?.write(system.order(place, indices))
    }
  }

  /** Kills these nodes, and waits until their processes have ended. */
  async kill(indices: readonly number[]): Promise<void> {
    await Promise.all(
      indices.map((index) => {
        const { child } = this.#member(index)
        const exited = new Promise((resolve) => child?.once('exit', resolve))
        child?.kill('SIGKILL')
        return exited
      }),
    )
  }

  /** Stops all nodes where they are, for good: then a look does not have to wait for its turn. */
  freeze(): void {
    for (const { child } of this.#members) child?.kill('SIGSTOP')
  }

  /** Waits until every pair is connected; with `bothWays`, by two connections, one of each. */
  async untilComplete(deadlineMs: number, bothWays = false): Promise<Reached> {
    const others = this.#members.length - 1
    const pairs = (this.#members.length * others) / 2
    const connectionsMin = bothWays ? 2 * pairs : pairs
    const schedule = new LookSchedule(connectionsMin, performance.now())
    for (;;) {
      const atMs = performance.now()
      const before = process.cpuUsage()
      const counted = progress()
      if (schedule.isDue(counted, atMs)) {
        const connections = this.look()
        const found = bothWays ? connections.directions : connections.pairs
        if (found === connectionsMin && atMs <= deadlineMs) return { atMs, connections }
        const { pending } = connections
        schedule.looked(counted, atMs, { missing: connectionsMin - found, pending })
      }
      if (atMs > deadlineMs) return undefined
      const { user, system } = process.cpuUsage(before)
      await delay(schedule.pauseMs((user + system) / 1000, atMs))
    }
  }

  /** What is connected now. */
  look(): Connections {
    return this.#watch.look(
      this.#members.map(({ place, child }) => ({ port: place.port, pid: child?.pid ?? 0 })),
    )
  }

  #spawn(member: Member): ChildProcess {
    const { place, launch } = member
    const stderr = openSync(join(place.folder, 'stderr'), 'a')
    const talks = this.system.order === undefined ? 'ignore' : 'pipe'
    const child = spawn(launch.program, launch.args, {
      cwd: place.folder,
      env: this.#env,
      stdio: [talks, talks, stderr],
    })
    member.child = child
    return child
  }

  #member(index: number): Member {
    const member = this.#members[index]
    if (member === undefined) throw new RangeError(`there is no node ${index}`)
    return member
  }
}

/**
 * Two hundred busy nodes would leave us so little of the machine that one look takes minutes. Who
 * may not have a higher priority, watches as well as it can.
 */
function prefer(what: keyof typeof PRIORITY): void {
  try {
    setPriority(PRIORITY[what])
  } catch {
    // Only root may.
  }
}
