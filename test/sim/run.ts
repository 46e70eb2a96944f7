/** One run: a plan is carried out, and the mesh is watched until it is complete and at rest. */

import type { Address } from '../../src/mesh/address/address.ts'
import { blackHoles, forbiddenAddresses, refusing } from './bait.ts'
import { completeBoundMs, faultFreeBoundMs, isFaultFree, restBoundMs } from './bound.ts'
import { Faults } from './faults.ts'
import { HostilePeer } from './hostile-peer.ts'
import { checkLinks } from './invariants.ts'
import { AGREE_MS, expectAgreement } from './messages/agreement.ts'
import { planBursts, publish } from './messages/bursts.ts'
import { MessageWorld } from './messages/message-world.ts'
import { isCut, type Socket } from './network.ts'
import { newPlace, type Place } from './place.ts'
import { PlainPeer } from './plain-peer.ts'
import type { Plan } from './plan.ts'
import { Random } from './random.ts'
import { expectComplete, expectRest, missingData, REST_MS, RestWatch } from './rest.ts'
import { SimNode } from './sim-node.ts'
import type { Tally } from './tally.ts'
import { Trace } from './trace.ts'
import { Violation } from './violation.ts'
import { World } from './world.ts'

/** How a run ended. */
export interface Outcome {
  readonly seed: number
  /** The first violation; undefined when there is none. */
  readonly problem: string | undefined
  /** From the quiescence to the complete mesh. */
  readonly completeMs: number
  readonly restMs: number
  readonly boundMs: number
  readonly tally: Tally
  readonly jobs: number
  readonly virtualMs: number
  readonly trace: Trace
}

/** Dead addresses of each kind that a hostile peer names. */
const DEAD_ADDRESSES = 60

/** How often every link is checked, in ms. */
const LINK_CHECK_MS = 2_300

/** The bytes of the last message of each node. */
const LAST_BYTES = 30

/** How often the mesh is checked to be complete, in ms. */
const CHECK_MS = 500

/**
 * How long a mesh may be incomplete while a hostile peer holds copied ids, in ms: a link of theirs
 * may be closed for one of its own, and then they dial again.
 */
const APART_MS_MAX = 10_000

/** How long nodes have to answer a survey, in ms. Less than the age at which answers expire. */
const SURVEY_MS = 5_000

/** Jobs of each node that may run without time passing. In 130 runs none needed more than 420. */
const JOBS_AT_ONCE_MAX = 20_000

/** Carries out a plan. Never throws. */
export function carryOut(plan: Plan, trace = new Trace(false)): Outcome {
  const run = new Run(plan, trace)
  let problem: string | undefined
  try {
    run.run()
  } catch (error) {
    problem = error instanceof Violation ? error.message : String((error as Error).stack)
  }
  return { seed: plan.seed, problem, ...run.figures(), trace }
}

/** A plan that is carried out. */
export class Run {
  readonly world: World
  readonly places: readonly Place[]
  readonly #plan: Plan
  readonly #deadAddresses: number
  readonly #completeBoundMs: number
  #hostile: HostilePeer | undefined
  #completeMs = Number.NaN
  #restMs = Number.NaN

  constructor(plan: Plan, trace: Trace) {
    this.#plan = plan
    const { latency, timings } = plan
    const random = new Random(plan.seed).fork()
    const jobsAtOnceMax = JOBS_AT_ONCE_MAX * plan.nodes.length
    this.world = new World({ random, latency, timings, trace, jobsAtOnceMax })
    this.places = plan.nodes.map((_node, index) => newPlace(index, plan.where, plan.announcesNames))
    for (const place of this.places) this.world.network.addPlace(place)
    const { messages } = plan
    if (messages !== undefined) {
      this.world.messages = new MessageWorld((index) => messages.settings[index])
    }
    this.#deadAddresses = plan.hostile === undefined ? 0 : 2 * DEAD_ADDRESSES
    this.#completeBoundMs = completeBoundMs(plan, this.#deadAddresses)
  }

  figures(): Pick<Outcome, 'completeMs' | 'restMs' | 'boundMs' | 'tally' | 'jobs' | 'virtualMs'> {
    return {
      completeMs: this.#completeMs,
      restMs: this.#restMs,
      boundMs: this.#restBoundMs(),
      tally: this.world.tally,
      jobs: this.world.time.jobsDone,
      virtualMs: this.world.time.nowMs,
    }
  }

  run(): void {
    const { quiescentMs, timings } = this.#plan
    const { time } = this.world
    this.begin()
    time.run(quiescentMs)
    this.world.note('quiescence: all faults are over')
    this.endAttack()
    this.#awaitComplete()
    // By then every dead link is detected, and every address that was backing off was dialed.
    time.run(quiescentMs + timings.silentAfterMs + 2 * timings.redialMaxMs)
    this.#awaitAgreement()
    if (this.#plan.hostile?.stays === true) this.#watchComplete()
    else this.#watchRest()
  }

  /** Schedules what the plan has. */
  begin(): void {
    const { nodes, faults } = this.#plan
    const { time, network } = this.world
    for (const [index, { startMs }] of nodes.entries()) time.at(startMs, () => this.#start(index))
    const start = (index: number): void => this.#start(index)
    new Faults(network, this.places, this.world.random.fork(), start).plan(faults)
    planBursts(time, this.places, this.#plan.messages?.bursts ?? [])
    this.#hostile = this.#startHostile()
    this.#checkLinks()
  }

  /** At the quiescence a hostile peer goes, unless it stays. */
  endAttack(): void {
    if (this.#plan.hostile?.stays !== true) this.#hostile?.crash(false)
  }

  #start(index: number): void {
    const place = this.places[index]
    const plan = this.#plan.nodes[index]
    if (place === undefined || plan === undefined) return
    if (place.listener !== undefined) return this.world.note(`${place.name}: EADDRINUSE`)
    this.world.note(`${place.name} starts`)
    place.powered = true
    const knownPeers = plan.knownPeers.map(({ index: other, byAlias }) =>
      this.#spell(other, byAlias),
    )
    const world = this.world
    const { timings } = this.#plan
    const process =
      plan.kind === 'plain'
        ? new PlainPeer(place, world, knownPeers)
        : new SimNode({ place, world, knownPeers, timings, random: world.random.fork() })
    place.listener = process
    process.start()
  }

  #spell(index: number, byAlias: boolean): Address {
    const place = this.places[index]
    if (place === undefined) throw new RangeError(`no node ${index}`)
    return (byAlias ? place.aliases[0] : undefined) ?? place.address
  }

  #startHostile(): HostilePeer | undefined {
    const { hostile, where, announcesNames } = this.#plan
    if (hostile === undefined) return undefined
    const world = this.world
    const place = { ...newPlace(this.places.length, where, announcesNames), name: 'hostile' }
    world.network.addPlace(place)
    const holes = blackHoles(where, DEAD_ADDRESSES)
    for (const address of holes) world.network.addBlackHole(address)
    const forbidden = forbiddenAddresses(where)
    for (const address of forbidden) world.forbidden.add(address)
    // Two spellings of one address are two nodes for a plain peer, and a plain peer with two
    // spellings is two nodes for the others.
    const isPlain = this.#plan.nodes.some(({ kind }) => kind === 'plain')
    const aliases = isPlain ? [] : this.places.flatMap((victim) => victim.aliases)
    const peer = new HostilePeer({
      place,
      world,
      random: world.random.fork(),
      attacks: hostile.attacks,
      victims: this.places,
      bait: [...forbidden, ...holes, ...refusing(where, DEAD_ADDRESSES), ...aliases],
    })
    place.listener = peer
    world.time.at(hostile.fromMs, () => peer.start())
    return peer
  }

  /** Checks every link from time to time. */
  #checkLinks(): void {
    for (const { listener } of this.places) {
      if (!(listener instanceof SimNode)) continue
      checkLinks(listener, this.#plan.timings)
      listener.checkWaiting()
      if (this.world.time.nowMs > this.#plan.quiescentMs) this.#expectNoImpostor(listener)
    }
    this.world.time.after(LINK_CHECK_MS, () => this.#checkLinks())
  }

  /**
   * No impostor keeps its link for longer than verification takes. One with a copied id cannot be
   * told from the node, and may: but then there is a link of the node, too.
   */
  #expectNoImpostor(node: SimNode): void {
    const { name, sockets, mesh } = node
    const { redialMaxMs, silentAfterMs } = this.#plan.timings
    const sinceMs = this.world.time.nowMs - silentAfterMs - 2 * redialMaxMs
    const links = new Map([...mesh.links()].map((link) => [link.id, link]))
    for (const { link: id, peer } of sockets) {
      const link = links.get(id)
      if (link === undefined || Math.max(link.openedMs, this.#plan.quiescentMs) > sinceMs) continue
      const victim = this.places.find(({ address }) => address === link.address)
      if (victim === undefined || victim === peer.process.place) continue
      const { listener } = victim
      const isCopy = listener instanceof SimNode && listener.identity.id === link.identity?.id
      const isReal = (one: Socket): boolean =>
        one.peer.process === listener && one.peer.open && links.has(one.link) && !isCut(one)
      if (isCopy && [...sockets].some(isReal)) continue
      throw new Violation(`${name} takes ${peer.process.name} for ${victim.name}`)
    }
  }

  // --- At rest ----------------------------------------------------------------------------------

  #awaitComplete(): void {
    const boundMs = isFaultFree(this.#plan) ? faultFreeBoundMs(this.#plan) : this.#completeBoundMs
    this.#await(boundMs, () => expectComplete(this.world, this.places, this.#plan))
    this.#completeMs = this.world.time.nowMs - this.#plan.quiescentMs
    this.world.note('the mesh is complete')
  }

  /** What is published last shows where a feed ends, also to those who were told otherwise. */
  #awaitAgreement(): void {
    const isAgreed = (): string | undefined => expectAgreement(this.world, this.places)
    if (this.#plan.hostile === undefined) {
      this.#await(this.#sinceFaultsMs() + AGREE_MS, isAgreed)
    }
    for (const place of this.places) publish(place, LAST_BYTES, 'last')
    this.#await(this.#sinceFaultsMs() + AGREE_MS, isAgreed)
  }

  /** With a hostile peer that stays, a mesh is never at rest, but it stays complete. */
  #watchComplete(): void {
    const { time } = this.world
    this.#await(this.#completeBoundMs, () => expectComplete(this.world, this.places, this.#plan))
    const untilMs = time.nowMs + REST_MS
    let completeMs = time.nowMs
    while (time.nowMs < untilMs) {
      time.run(time.nowMs + CHECK_MS)
      const missing = expectComplete(this.world, this.places, this.#plan)
      if (missing === undefined) completeMs = time.nowMs
      else if (time.nowMs - completeMs > this.#apartMsMax()) {
        throw new Violation(`no longer complete: ${missing}`)
      }
    }
  }

  #apartMsMax(): number {
    const { attacks = [] } = this.#plan.hostile ?? {}
    const copiesIds = attacks.includes('copied ids') || attacks.includes('stolen identities')
    return copiesIds ? APART_MS_MAX : 0
  }

  #restBoundMs(): number {
    return restBoundMs(this.#plan, this.#deadAddresses, this.#hostile?.named)
  }

  #watchRest(): void {
    this.#await(this.#restBoundMs(), () => expectRest(this.world, this.places, this.#plan))
    this.#restMs = this.world.time.nowMs - this.#plan.quiescentMs
    this.world.note('the mesh is at rest')
    const watch = new RestWatch(this.world, this.places, this.#plan)
    this.world.time.run(this.world.time.nowMs + REST_MS)
    watch.expectUnchanged()
    this.#expectSurvey()
  }

  /** In a mesh at rest all have what each node tells, and a survey shows all connections. */
  #expectSurvey(): void {
    const { time } = this.world
    const nodes = this.places.flatMap(({ listener }) =>
      listener instanceof SimNode ? [listener] : [],
    )
    for (const node of nodes) node.requestSurvey()
    time.run(time.nowMs + SURVEY_MS)
    const lacking = missingData(nodes)
    if (lacking !== undefined) throw new Violation(lacking)
    for (const node of nodes) {
      for (const { address, state } of node.mesh.overview(time.nowMs).nodes) {
        const peer = nodes.find(({ place }) => place.address === address)
        if (peer === undefined) continue
        const told = state.kind === 'connected' ? state.link.report : undefined
        const shown = told?.connected.length
        const has = peer.mesh.connectedAddresses.size
        if (shown === has && told?.runtime === peer.name) continue
        throw new Violation(`${node.name} shows ${shown} links of ${peer.name}, not ${has}`)
      }
    }
  }

  #sinceFaultsMs(): number {
    return this.world.time.nowMs - this.#plan.quiescentMs
  }

  /** @param boundMs from the last fault on */
  #await(boundMs: number, missingOf: () => string | undefined): void {
    const { time } = this.world
    const deadlineMs = this.#plan.quiescentMs + boundMs
    for (let missing = missingOf(); missing !== undefined; missing = missingOf()) {
      if (time.nowMs >= deadlineMs) {
        throw new Violation(
          `${Math.round(this.#sinceFaultsMs())} ms after the last fault: ${missing}`,
        )
      }
      time.run(Math.min(deadlineMs, time.nowMs + CHECK_MS))
    }
  }
}
