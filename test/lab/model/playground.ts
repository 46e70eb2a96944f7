/**
 * The mesh of a scene: real cores on the simulated network. Runs to any moment, and carries out
 * steps.
 */

import { DEFAULT_TIMINGS } from '../../../src/mesh/timings.ts'
import { USUAL_SETTINGS } from '../../sim/messages/message-node.ts'
import { MessageWorld } from '../../sim/messages/message-world.ts'
import type { Flight, Partition, Socket } from '../../sim/network.ts'
import { newPlace, type Place } from '../../sim/place.ts'
import { PlainPeer } from '../../sim/plain-peer.ts'
import { planFor } from '../../sim/plan.ts'
import type { Process } from '../../sim/process.ts'
import { Random } from '../../sim/random.ts'
import { Run } from '../../sim/run.ts'
import { leaveOut } from '../../sim/shrink.ts'
import { SimNode } from '../../sim/sim-node.ts'
import { World } from '../../sim/world.ts'
import { LabTrace } from './lab-trace.ts'
import type { Knowledge, Scene, Setting } from './scene.ts'
import { type Step, type Verb, withStep } from './step.ts'
import { Stranger } from './stranger.ts'

/** Packets take the average, more or less by this part of it. */
const LATENCY_SPREAD = 0.25

/** The bytes of a message. */
const MESSAGE_BYTES = 30

/** How far a step runs at most, in ms, when nothing is sent. */
const STEP_MS_MAX = 60_000

export class Playground {
  readonly trace = new LabTrace()
  readonly world: World
  /** The last process of each place that was ever started, in the order of the places. */
  readonly processes = new Map<Place, Process>()
  readonly #latency = { minMs: 0, maxMs: 0, loss: 0 }
  readonly #setting: Setting
  readonly #places: Place[] = []
  #timings = DEFAULT_TIMINGS
  /** Draws of strangers change nothing for the nodes. */
  readonly #strangers: Random
  #steps: readonly Step[]
  #stepsDone = 0
  #partition: Partition | undefined
  #flights: Flight[] = []
  #problem: string | undefined

  constructor({ setting, steps }: Scene) {
    this.#setting = setting
    this.#steps = steps
    this.#strangers = new Random(setting.seed + 1)
    this.world = setting.kind === 'sim' ? this.#planned(setting) : this.#own(setting)
    this.world.network.onFlight = (flight) => {
      this.#flights.push(flight)
      this.#noteProcess(flight.from)
    }
    this.run(0)
  }

  #own({ seed, nodes, pauseMs, latencyMs }: Extract<Setting, { kind: 'own' }>): World {
    const random = new Random(seed)
    this.#setLatency(latencyMs)
    const [latency, timings, { trace }] = [this.#latency, this.#timings, this]
    const world = new World({ random, latency, timings, trace })
    world.messages = new MessageWorld(() => USUAL_SETTINGS)
    this.#addPlaces(world, nodes)
    for (let number = 1; number <= nodes; number += 1) {
      world.time.at((number - 1) * pauseMs, () => this.#start(number, 'start'))
    }
    return world
  }

  #planned({ seed, without }: Extract<Setting, { kind: 'sim' }>): World {
    const plan = leaveOut(planFor(seed), without)
    this.#timings = plan.timings
    const run = new Run(plan, this.trace)
    this.#places.push(...run.places)
    run.begin()
    run.world.time.at(plan.quiescentMs, () => run.endAttack())
    return run.world
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
  get flights(): readonly Flight[] {
    return this.#flights
  }

  /** The place of a node, by its number. */
  placeOf(number: number): Place | undefined {
    return this.#places[number - 1]
  }

  /** The number of a node that is new. */
  get nextNumber(): number {
    return this.#places.length + 1
  }

  /** Runs up to this moment, with the steps that are due. */
  run(untilMs: number, isDone: () => boolean = () => false): void {
    if (this.#problem !== undefined) return
    try {
      for (let step = this.#steps[this.#stepsDone]; step && step.atMs <= untilMs; ) {
        this.world.time.run(step.atMs, isDone)
        if (isDone()) return
        this.#stepsDone += 1
        this.#do(step)
        step = this.#steps[this.#stepsDone]
      }
      this.world.time.run(untilMs, isDone)
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
    this.run(Math.min(untilMs, this.nowMs + STEP_MS_MAX), () => this.#flights.length > count)
  }

  /** A step of the user, now: it becomes a part of the scene. */
  act(verb: Verb, numbers: readonly number[]): void {
    const atMs = Math.ceil(this.nowMs)
    this.#steps = withStep(this.#steps, { atMs, verb, numbers })
    this.run(atMs)
  }

  #do({ verb, numbers }: Step): void {
    const { network } = this.world
    const [first = 1, second = 1] = numbers
    const place = this.placeOf(first)
    const process = place?.listener
    switch (verb) {
      case 'start':
      case 'plain':
        return this.#start(first, verb)
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
        return this.#startStranger(first, numbers[1])
      default:
        verb satisfies never
    }
  }

  #start(number: number, verb: 'start' | 'plain'): void {
    const { world } = this
    if (this.#setting.kind === 'own') this.#addPlaces(world, number)
    const place = this.placeOf(number)
    if (place === undefined || place.listener !== undefined) return
    place.powered = true
    const knownPeers = this.#knownTo(number).flatMap((other) => this.placeOf(other)?.address ?? [])
    const timings = this.#timings
    const process =
      verb === 'plain'
        ? new PlainPeer(place, world, knownPeers)
        : new SimNode({ place, world, knownPeers, timings, random: world.random.fork() })
    place.listener = process
    process.start()
  }

  #addPlaces({ network }: World, count: number): void {
    while (this.#places.length < count) {
      const place = newPlace(this.#places.length, 'loopback', false)
      network.addPlace(place)
      this.#places.push(place)
    }
  }

  /** The first one knows itself: every node has the same known-peers.json. */
  #knownTo(number: number): readonly number[] {
    const known: Knowledge = this.#setting.kind === 'own' ? this.#setting.known : 'first'
    switch (known) {
      case 'first':
        return [1]
      case 'before':
        return number === 1 ? [] : [number - 1]
      case 'all':
        return this.#places.map((_place, index) => index + 1)
      default:
        return known satisfies never
    }
  }

  #startStranger(target: number, claimed: number | undefined): void {
    const there = this.placeOf(target)
    const other = claimed === undefined ? undefined : this.placeOf(claimed)
    if (there === undefined) return
    const { world } = this
    const before = [...this.processes.keys()].find(({ name }) => name === 'stranger')
    const place = before ?? Stranger.place()
    if (before === undefined) world.network.addPlace(place)
    const random = this.#strangers.fork()
    const stranger = new Stranger(place, world, random, there.address, other?.address)
    place.listener = stranger
    stranger.start()
  }

  #between(one: number, other: number): readonly Socket[] {
    const [here, there] = [this.placeOf(one), this.placeOf(other)]
    return [...(here?.listener?.sockets ?? [])].filter(({ peer }) => peer.process.place === there)
  }

  #split(numbers: readonly number[]): void {
    this.#heal()
    const a = new Set(numbers.flatMap((number) => this.placeOf(number) ?? []))
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
    for (const place of this.#places) this.#noteProcess(place)
    this.#flights = this.#flights.filter(({ arrivalMs }) => arrivalMs > this.nowMs)
  }

  #noteProcess(place: Place): void {
    if (place.listener !== undefined) this.processes.set(place, place.listener)
  }
}
