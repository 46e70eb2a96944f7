/**
 * The mesh of a scene: real cores on the simulated network. Runs to any moment, and carries out
 * steps.
 */

import { DEFAULT_TIMINGS } from '../../../src/mesh/timings.ts'
import { USUAL_SETTINGS } from '../../sim/messages/message-node.ts'
import { MessageWorld } from '../../sim/messages/message-world.ts'
import type { Partition, Socket } from '../../sim/network.ts'
import type { Place } from '../../sim/place.ts'
import { planFor } from '../../sim/plan.ts'
import type { Process } from '../../sim/process.ts'
import { Random } from '../../sim/random.ts'
import { Run } from '../../sim/run.ts'
import { leaveOut } from '../../sim/shrink.ts'
import { SimNode } from '../../sim/sim-node.ts'
import { World } from '../../sim/world.ts'
import { LabTrace } from './lab-trace.ts'
import { Population } from './population.ts'
import type { Scene, Setting } from './scene.ts'
import { type Step, type Verb, withStep } from './step.ts'
import { type FlightOfLink, UnderWay } from './under-way.ts'

/** Packets take the average, more or less by this part of it. */
const LATENCY_SPREAD = 0.25

/** The bytes of a message. */
const MESSAGE_BYTES = 30

/** How far a step runs at most, in ms, when nothing is sent. */
const STEP_MS_MAX = 60_000

export class Playground {
  readonly trace = new LabTrace()
  readonly world: World
  readonly #latency = { minMs: 0, maxMs: 0, loss: 0 }
  readonly #setting: Setting
  readonly #population: Population
  #steps: readonly Step[]
  #stepsDone = 0
  #partition: Partition | undefined
  readonly #underWay = new UnderWay()
  /** When the last packet arrives, or a step was carried out. */
  #busyMs = 0
  #problem: string | undefined

  constructor({ setting, steps }: Scene) {
    this.#setting = setting
    this.#steps = steps
    const members = setting.kind === 'sim' ? this.#planned(setting) : this.#own(setting)
    this.world = members.world
    this.#population = new Population({ ...members, setting })
    if (setting.kind === 'own') this.#population.grow(setting.nodes)
    this.world.network.onFlight = (flight) => {
      this.#busyMs = Math.max(this.#busyMs, flight.arrivalMs)
      this.#population.note(flight.from)
      this.#underWay.add(flight, this.processes.get(flight.from))
    }
    this.run(0)
  }

  #own({ seed, nodes, pauseMs, latencyMs }: Extract<Setting, { kind: 'own' }>) {
    const random = new Random(seed)
    this.#setLatency(latencyMs)
    const [latency, timings, { trace }] = [this.#latency, DEFAULT_TIMINGS, this]
    const world = new World({ random, latency, timings, trace })
    world.messages = new MessageWorld(() => USUAL_SETTINGS)
    for (let number = 1; number <= nodes; number += 1) {
      world.time.at((number - 1) * pauseMs, () => this.#population.start(number, 'start'))
    }
    return { world, timings, places: [] }
  }

  #planned({ seed, without }: Extract<Setting, { kind: 'sim' }>) {
    const plan = leaveOut(planFor(seed), without)
    const run = new Run(plan, this.trace)
    const { world, places } = run
    run.begin()
    world.time.at(plan.quiescentMs, () => run.endAttack())
    return { world, timings: plan.timings, places }
  }

  get scene(): Scene {
    return { setting: this.#setting, steps: this.#steps }
  }

  get nowMs(): number {
    return this.world.time.nowMs
  }

  /** What does not hold and must, or a step that threw: the world stands still then. */
  get problem(): string | undefined {
    return this.#problem
  }

  get isSplit(): boolean {
    return this.#partition !== undefined
  }

  get lossPercent(): number {
    return Math.round(this.#latency.loss * 100)
  }

  get latencyMs(): number {
    return Math.round((this.#latency.minMs + this.#latency.maxMs) / 2)
  }

  /** The packets that are under way. */
  get flights(): readonly FlightOfLink[] {
    return this.#underWay.flights
  }

  /** The last process of each place that ever had one. */
  get processes(): ReadonlyMap<Place, Process> {
    return this.#population.processes
  }

  /** The number of a node that is new. */
  get nextNumber(): number {
    return this.#population.size + 1
  }

  /** Runs up to this moment, with the steps that are due. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    if (this.#problem !== undefined) return
    try {
      for (let step = this.#steps[this.#stepsDone]; step && step.atMs <= untilMs; ) {
        this.world.time.run(step.atMs, isDone)
        if (isDone()) break
        this.#stepsDone += 1
        this.#do(step)
        step = this.#steps[this.#stepsDone]
      }
      if (!isDone()) this.world.time.run(untilMs, isDone)
    } catch (error) {
      this.#problem ??= error instanceof Error ? error.message : String(error)
    }
    this.#settle()
  }

  /** Runs until the next packet leaves or arrives, or a step is carried out. */
  stepOnce(): void {
    const { flights } = this
    const count = flights.length
    const nextMs = this.#steps[this.#stepsDone]?.atMs ?? Number.POSITIVE_INFINITY
    const untilMs = Math.min(nextMs, ...flights.map(({ arrivalMs }) => arrivalMs))
    this.run(Math.min(untilMs, this.nowMs + STEP_MS_MAX), () => this.flights.length > count)
  }

  /**
   * For how long nothing has happened that can be seen: no packet is under way, no step was
   * carried out, and no core did anything but routine. Negative while a packet is under way.
   */
  get quietMs(): number {
    return this.nowMs - Math.max(this.#busyMs, this.trace.lastNewsMs)
  }

  /** Whether there is a silence. The answer to a SYN has no dot: one is longer than that. */
  get isQuiet(): boolean {
    return this.quietMs > this.latencyMs * (1 + LATENCY_SPREAD)
  }

  /** Runs up to this moment at most, until something happens that can be seen. */
  runWhileQuiet(untilMs: number): void {
    const nextMs = this.#steps[this.#stepsDone]?.atMs ?? Number.POSITIVE_INFINITY
    this.run(Math.min(untilMs, nextMs), () => this.quietMs <= 0)
  }

  /** A step of the user, now: it becomes a part of the scene. */
  act(verb: Verb, numbers: readonly number[]): void {
    const atMs = Math.ceil(this.nowMs)
    this.#steps = withStep(this.#steps, { atMs, verb, numbers })
    this.run(atMs)
  }

  #do({ verb, numbers }: Step): void {
    this.#busyMs = Math.max(this.#busyMs, this.nowMs)
    const { network } = this.world
    const [first = 1, second = 1] = numbers
    const process = this.#population.placeOf(first)?.listener
    switch (verb) {
      case 'start':
      case 'plain':
        return this.#population.start(first, verb)
      case 'kill':
        return process?.crash(false)
      case 'unplug':
        return process?.crash(true)
      case 'freeze':
        return process?.freeze()
      case 'thaw':
        return process?.frozen === true ? process.thaw() : undefined
      case 'reset':
        for (const socket of this.#between(first, second)) network.sever(socket)
        return
      case 'cut':
        for (const socket of this.#between(first, second)) {
          for (const end of [socket, socket.peer]) end.cutMs ??= this.nowMs
        }
        return
      case 'split':
        return this.#split(numbers)
      case 'heal':
        return this.#heal()
      case 'latency':
        return this.#setLatency(first)
      case 'loss':
        this.#latency.loss = first / 100
        return
      case 'publish':
        if (process instanceof SimNode) {
          process.receive(() => process.messages?.publish(MESSAGE_BYTES, 'news'))
        }
        return
      case 'stranger':
        return this.#population.startStranger(first, numbers[1])
      default:
        verb satisfies never
    }
  }

  #between(one: number, other: number): readonly Socket[] {
    const [here, there] = [this.#population.placeOf(one), this.#population.placeOf(other)]
    return [...(here?.listener?.sockets ?? [])].filter(({ peer }) => peer.process.place === there)
  }

  #split(numbers: readonly number[]): void {
    this.#heal()
    const a = new Set(numbers.flatMap((number) => this.#population.placeOf(number) ?? []))
    this.#partition = { a, oneSided: false }
    this.world.network.split(this.#partition)
  }

  #heal(): void {
    if (this.#partition !== undefined) this.world.network.heal(this.#partition)
    this.#partition = undefined
  }

  #setLatency(ms: number): void {
    this.#latency.minMs = ms * (1 - LATENCY_SPREAD)
    this.#latency.maxMs = ms * (1 + LATENCY_SPREAD)
  }

  #settle(): void {
    this.#population.noteAll()
    this.#underWay.settle(this.nowMs)
  }
}
