/**
 * What one node publishes, or all do, and every other one receives: how much goes through, what it
 * costs all processes together, and how long a message takes. Every receiver checks every message.
 */

import { costOfAll, memoryOf } from '../kernel/process-stats.ts'
import { Crew, SERVER_PORT } from '../messages/crew.ts'
import { figureAt, type LatencyFigure, QUANTILES } from '../messages/figures.ts'
import type { Answer, Order, Received } from '../messages/orders.ts'
import { messageSystem } from '../messages/systems.ts'
import { median, quantile } from '../statistics.ts'
import { isMessageSystem } from '../systems/system.ts'
import type { Figures, TrialKind, TrialOrder, TrialResult } from './trial.ts'

type MessagesKind = Extract<TrialKind, { kind: 'messages' }>

/**
 * V8 has optimized by then what is called for each message, and for each frame, of which there are
 * more in small turns. Slow systems end by the time.
 */
const WARM_UP = { bytes: 128, seconds: 10, countMax: 50_000, turnMessages: 16 } as const

/** A size is new to the memory of a system. */
const WARM_UP_SIZE_SECONDS = 0.3

/** What is published while a receiver is stopped: less than the share of the log of one sender. */
const ABSENCE = { bytes: 1024, mebibytes: 12 } as const

/** Of a burst: longer than anything takes, and more than anybody publishes. */
const NO_LIMIT = {
  seconds: 600,
  countMax: Number.MAX_SAFE_INTEGER,
  turnMessages: 256,
  ignored: [],
} as const

type BurstOptions = Pick<Burst, 'bytes'> & Partial<Burst>
type Burst = Omit<Extract<Order, { kind: 'burst' }>, 'kind'>

export async function messages(order: TrialOrder, what: MessagesKind): Promise<TrialResult> {
  const { folder, nodes, programs, system: name } = order
  const system = isMessageSystem(name)
    ? messageSystem(name, programs, { folder, port: SERVER_PORT })
    : undefined
  const worker = programs.messages?.worker
  if (system === undefined || worker === undefined) {
    return { kind: 'left-out', reason: 'it carries no messages, or its program is missing' }
  }
  const all = Array.from({ length: nodes }, (_none, index) => index)
  const publishers = what.publishers === 'all' ? all : [Math.floor(nodes / 2)]
  const { flags } = what
  const crew = await Crew.form({
    ...{ folder, nodes, publishers, system, worker },
    ...(flags !== undefined && { flags }),
  })
  const trial = new MessagesTrial(crew, all, publishers)
  await trial.burst(WARM_UP)
  const figures: Record<string, number> = {}
  for (const bytes of what.sizes) {
    await trial.burst({ bytes, seconds: WARM_UP_SIZE_SECONDS })
    const { cpuMicroseconds, deliveriesPerSecond } = await trial.burst({
      bytes,
      seconds: what.burstSeconds,
    })
    figures[figureAt('deliveriesPerSecond', bytes)] = deliveriesPerSecond
    figures[figureAt('cpuMicroseconds', bytes)] = cpuMicroseconds
  }
  Object.assign(figures, trial.memory())
  for (const { perSecond, seconds } of what.paces) {
    Object.assign(figures, await trial.pace(perSecond, seconds))
  }
  if (what.hasAbsence) figures['catchUpMebibytesPerSecond'] = await trial.absence()
  return { kind: 'figures', figures: { ...figures, lost: trial.lost, wrong: trial.wrong } }
}

class MessagesTrial {
  readonly #crew: Crew
  readonly #all: readonly number[]
  readonly #publishers: readonly number[]
  /** By publisher, how many it has published. */
  readonly #published = new Map<number, number>()
  lost = 0
  wrong = 0

  constructor(crew: Crew, all: readonly number[], publishers: readonly number[]) {
    this.#crew = crew
    this.#all = all
    this.#publishers = publishers
  }

  /** As fast as the receivers read. */
  async burst(options: BurstOptions) {
    const { cpuSeconds: cpuBefore } = costOfAll(this.#crew.pids)
    const startedMs = performance.now()
    const count = await this.#publish({ kind: 'burst', ...NO_LIMIT, ...options })
    const { lost } = await this.#receive(this.#all)
    const deliveries = count * (this.#all.length - 1) - lost
    const tookSeconds = (performance.now() - startedMs) / 1000
    const cpuSeconds = costOfAll(this.#crew.pids).cpuSeconds - cpuBefore
    return {
      deliveriesPerSecond: deliveries / tookSeconds,
      cpuMicroseconds: (1e6 * cpuSeconds) / deliveries,
    }
  }

  /** So many a second. */
  async pace(perSecond: number, seconds: number): Promise<Figures> {
    await this.#publish({ kind: 'pace', perSecond, seconds })
    const { latencies } = await this.#receive(this.#all)
    if (latencies.length === 0) return {}
    const figure = (name: LatencyFigure) => ({
      [figureAt(name, perSecond)]: quantile(latencies, QUANTILES[name]) / 1000,
    })
    return {
      ...figure('p50Milliseconds'),
      ...figure('p99Milliseconds'),
      ...figure('p999Milliseconds'),
    }
  }

  /** In MiB a second, what a receiver gets that was stopped while others went on. */
  async absence(): Promise<number> {
    const { bytes, mebibytes } = ABSENCE
    const [away = 0] = this.#all.slice(-1)
    const others = this.#all.filter((index) => index !== away)
    this.#crew.signal(away, 'SIGSTOP')
    const countMax = (mebibytes * 2 ** 20) / bytes
    await this.#publish({ kind: 'burst', ...NO_LIMIT, bytes, countMax, ignored: [away] })
    await this.#receive(others)
    const startedMs = performance.now()
    this.#crew.signal(away, 'SIGCONT')
    await this.#receive([away])
    return (1000 * mebibytes) / (performance.now() - startedMs)
  }

  /** What each process takes in memory, after the garbage of a burst. */
  memory(): Figures {
    const { serverPid } = this.#crew
    const [publisher = 0] = this.#publishers
    const mebibytesOf = (pid: number): number => memoryOf(pid).rss / 2 ** 20
    const receivers = this.#all.filter((index) => index !== publisher)
    return {
      publisherMebibytes: mebibytesOf(this.#crew.pidOf(publisher)),
      receiverMebibytes: median(receivers.map((index) => mebibytesOf(this.#crew.pidOf(index)))),
      ...(serverPid !== undefined && { serverMebibytes: mebibytesOf(serverPid) }),
    }
  }

  /** Returns how many all publishers have published. */
  async #publish(order: Order): Promise<number> {
    const answers = await this.#crew.askAll(this.#publishers, () => order)
    let count = 0
    for (const [at, publisher] of this.#publishers.entries()) {
      const published = publishedIn(answers[at])
      count += published - (this.#published.get(publisher) ?? 0)
      this.#published.set(publisher, published)
    }
    return count
  }

  /** Waits until these have all. */
  async #receive(indices: readonly number[]) {
    const answers = await this.#crew.askAll(indices, (index) => {
      const others = [...this.#published].filter(([publisher]) => publisher !== index)
      return { kind: 'expect', counts: Object.fromEntries(others) }
    })
    const all = answers.map(receivedIn)
    const sumOf = (figure: 'lost' | 'wrong'): number =>
      all.reduce((sum, received) => sum + received[figure], 0)
    const lost = sumOf('lost')
    this.lost += lost
    this.wrong += sumOf('wrong')
    return { lost, latencies: all.flatMap(({ latencies }) => latencies) }
  }
}

function publishedIn(answer: Answer | undefined): number {
  if (answer?.kind === 'published') return answer.count
  throw new Error(`a publisher answered ${JSON.stringify(answer)}`)
}

function receivedIn(answer: Answer): Received {
  if (answer.kind === 'received') return answer
  throw new Error(`a receiver answered ${JSON.stringify(answer)}`)
}
