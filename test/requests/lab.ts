/** A few nodes with requests, joined by links that deliver in order and can be cut at any place. */

import type { Outcome, Reply, RequestInput, RequestOutput } from '../../src/requests/outputs.ts'
import { Requests } from '../../src/requests/requests.ts'
import { decode } from '../../src/wire/codec.ts'
import type { Json } from '../../src/wire/feed-messages.ts'

export type Run = Extract<RequestOutput, { readonly kind: 'run' }>

/** One direction of a link. */
interface Way {
  readonly to: LabNode
  readonly frames: string[]
}

/** One process run. */
export class LabNode {
  readonly id: string
  readonly core: Requests
  readonly #lab: Lab
  /** The ways out, by link. */
  readonly ways = new Map<number, Way>()
  /** What its requests led to; a second time for one is thrown. */
  readonly outcomes = new Map<number, Outcome>()
  readonly runs: Run[] = []
  readonly dropped = new Set<Run['call']>()
  /** What it answers at once, if anything. */
  reply: (run: Run) => Reply | undefined = ({ body }) => ({
    kind: 'answer',
    body: { kind: 'json', text: JSON.stringify(body.kind === 'json' ? body.value : null) },
  })
  /** Whether its sockets take nothing. */
  isStuck = false
  readonly untaken: { readonly link: number; readonly chars: number }[] = []

  constructor(lab: Lab, id: string) {
    this.#lab = lab
    this.id = id
    this.core = new Requests({
      find: (to) => lab.find(this, to),
      drawSeries: () => lab.drawSeries(),
    })
  }

  ask(to: string, body: Json, { timeoutMs = 10_000, topic = 'a' } = {}): number {
    const text = JSON.stringify(body)
    const id = this.#lab.drawId()
    const question = { topic, kind: 'json', text, bytes: topic.length + text.length } as const
    this.input({ kind: 'asked', id, to, question, timeoutMs })
    return id
  }

  /** What a request led to, in one word or as its answer. */
  resultOf(id: number): unknown {
    const outcome = this.outcomes.get(id)
    if (outcome?.kind === 'answer') return outcome.body.kind === 'json' ? outcome.body.value : ''
    if (outcome?.kind === 'refusal') return outcome.error
    return outcome?.kind === 'gone' ? `gone: ${outcome.because}` : outcome?.kind
  }

  answer(run: Run | undefined, text: string): void {
    if (run === undefined) throw new Error('nothing runs')
    const reply = { kind: 'answer', body: { kind: 'json', text } } as const
    this.input({ kind: 'replied', call: run.call, reply })
  }

  input(input: RequestInput): void {
    for (const output of this.core.handle(input, this.#lab.nowMs)) this.#execute(output)
  }

  #execute(output: RequestOutput): void {
    switch (output.kind) {
      case 'send': {
        const { link, text } = output
        this.ways.get(link)?.frames.push(text)
        this.untaken.push({ link, chars: text.length })
        return
      }
      case 'run': {
        this.runs.push(output)
        const reply = this.reply(output)
        if (reply !== undefined) this.input({ kind: 'replied', call: output.call, reply })
        return
      }
      case 'drop':
        this.dropped.add(output.call)
        return
      case 'settle':
        if (this.outcomes.has(output.id)) throw new Error(`request ${output.id} ended twice`)
        this.outcomes.set(output.id, output.outcome)
        return
      default:
        output satisfies never
    }
  }

  receive(link: number, text: string): void {
    const decoded = decode({ kind: 'text', text }, 0)
    if (decoded.kind !== 'message') throw new Error(`${text} is no message`)
    const { message } = decoded
    if (message.type !== 'REQUEST' && message.type !== 'RESPONSE' && message.type !== 'CANCEL') {
      throw new Error(message.type)
    }
    this.input({ kind: 'request-received', link, message, chars: text.length })
  }
}

export class Lab {
  nowMs = 1_000
  readonly nodes: LabNode[] = []
  /** Who is at an address. */
  readonly addresses = new Map<string, string>()
  /** The ends of each link that have not seen its end. */
  readonly open = new Map<number, Set<LabNode>>()
  #ids = 0
  #series = 0

  start(): LabNode {
    const node = new LabNode(this, (this.nodes.length + 1).toString(16).padStart(32, '0'))
    this.nodes.push(node)
    return node
  }

  drawId(): number {
    this.#ids += 1
    return this.#ids
  }

  drawSeries(): string {
    this.#series += 1
    return this.#series.toString(16).padStart(32, '5')
  }

  find(node: LabNode, to: string): string | 'takes-none' | undefined {
    const id = this.addresses.get(to) ?? to
    if (id === 'takes-none') return id
    const isLinked = [...node.ways.values()].some((way) => way.to.id === id)
    return isLinked ? id : undefined
  }

  /** Opens a link. Returns its number, which is the same at both ends. */
  connect(one: LabNode, other: LabNode, verified = true): number {
    const link = this.open.size + 1
    this.open.set(link, new Set([one, other]))
    one.ways.set(link, { to: other, frames: [] })
    other.ways.set(link, { to: one, frames: [] })
    one.input({ kind: 'link-ready', link, peer: other.id, verified })
    other.input({ kind: 'link-ready', link, peer: one.id, verified })
    return link
  }

  /** One end sees the end of a link; what it had sent may still come. */
  cutAt(node: LabNode, link: number, isGoodbye = false): void {
    if (this.open.get(link)?.delete(node) !== true) return
    const way = node.ways.get(link)
    node.ways.delete(link)
    node.input({ kind: 'link-gone', link, isGoodbye })
    const back = [...(this.open.get(link) ?? [])][0]?.ways.get(link)
    // Nobody reads what the other end sends from now on.
    back?.frames.splice(0)
    if (way !== undefined) this.#late.push({ link, ...way })
  }

  /** What was sent before its sender saw the end of the link. */
  readonly #late: (Way & { readonly link: number })[] = []

  cut(link: number, isGoodbye = false): void {
    for (const node of [...(this.open.get(link) ?? [])]) {
      node.ways.get(link)?.frames.splice(0)
      this.cutAt(node, link, isGoodbye)
    }
  }

  step(): boolean {
    let moved = false
    for (const node of this.nodes) {
      for (const taken of node.isStuck ? [] : node.untaken.splice(0)) {
        moved = true
        node.input({ kind: 'frame-taken', ...taken })
      }
    }
    const ways = this.nodes.flatMap(({ ways }) =>
      [...ways].map(([link, way]) => ({ link, ...way })),
    )
    for (const { to, link, frames } of [...ways, ...this.#late]) {
      const isRead = this.open.get(link)?.has(to) === true
      for (const text of frames.splice(0)) {
        moved = true
        if (isRead) to.receive(link, text)
      }
    }
    return moved
  }

  /** Delivers all that is on its way, and lets time pass. */
  run(ms = 0): void {
    const untilMs = this.nowMs + ms
    for (;;) {
      while (this.step()) {}
      if (this.nowMs >= untilMs) return
      this.nowMs = Math.min(untilMs, this.nowMs + 50)
      for (const node of this.nodes) {
        const dueMs = node.core.deadlineMs()
        if (dueMs !== undefined && dueMs <= this.nowMs) node.input({ kind: 'deadline' })
      }
    }
  }
}

/** Two nodes with a link. */
export function pair(): { lab: Lab; a: LabNode; b: LabNode; link: number } {
  const lab = new Lab()
  const [a, b] = [lab.start(), lab.start()]
  return { lab, a, b, link: lab.connect(a, b) }
}
