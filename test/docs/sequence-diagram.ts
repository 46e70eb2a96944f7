/**
 * Draws the messages between cores as a sequence diagram of text, for
 * docs/HOW-A-MESH-FORMS.md. Each message takes 1 ms.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Input, LinkId } from '../../src/mesh/inputs.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { driveBounded, type TestNode } from '../helpers/core.ts'

/** Columns from one node to the next: room for a HANDSHAKE of three addresses. */
const LANE_COLUMNS = 40

interface End {
  readonly node: TestNode
  readonly link: LinkId
}

/** Something on its way. */
interface Delivery {
  readonly atMs: number
  readonly arrive: () => void
}

/** A few cores on a network in memory; what happens becomes rows of a diagram. */
export class SequenceDiagram {
  readonly #nodes: readonly TestNode[]
  readonly #rows: string[] = []
  readonly #otherEnds = new Map<TestNode, Map<LinkId, End>>()
  readonly #underWay: Delivery[] = []
  #nowMs = 0
  #isDrawn = true

  constructor(nodes: readonly TestNode[]) {
    this.#nodes = nodes
    for (const node of nodes) this.#otherEnds.set(node, new Map())
  }

  /** The diagram so far. */
  get text(): string {
    const head = this.#nodes.map(({ port }) => `${port}`.padEnd(LANE_COLUMNS)).join('')
    return [`  ${head}`, ...this.#rows].map((row) => row.trimEnd()).join('\n')
  }

  /** Starts nodes at the same moment, and lets this much time pass. */
  start(nodes: readonly TestNode[], ms: number): void {
    for (const node of nodes) this.#note(node, 'starts')
    for (const node of nodes) this.#input(node, { kind: 'started' })
    this.#pass(ms)
  }

  /** The same, without drawing it. */
  startUndrawn(nodes: readonly TestNode[], ms: number): void {
    this.#isDrawn = false
    this.start(nodes, ms)
    this.#isDrawn = true
  }

  #pass(ms: number): void {
    const untilMs = this.#nowMs + ms
    driveBounded(10_000, () => {
      const [next] = this.#underWay
      const deadlines = this.#nodes.map(({ mesh }) => mesh.deadlineMs() ?? Number.POSITIVE_INFINITY)
      const deadlineMs = Math.min(...deadlines)
      this.#setTime(Math.min(untilMs, next?.atMs ?? untilMs, deadlineMs))
      if (next !== undefined && next.atMs <= this.#nowMs) {
        this.#underWay.shift()
        next.arrive()
        return true
      }
      const due = this.#nodes[deadlines.indexOf(deadlineMs)]
      if (due === undefined || deadlineMs > this.#nowMs) return false
      this.#input(due, { kind: 'deadline' })
      return true
    })
    this.#setTime(untilMs)
  }

  #setTime(nowMs: number): void {
    this.#nowMs = Math.max(this.#nowMs, nowMs)
    for (const node of this.#nodes) node.nowMs = this.#nowMs
  }

  #input(node: TestNode, input: Input): void {
    node.handle(input)
    for (const order of node.orders) this.#carryOut(node, order)
  }

  #carryOut(node: TestNode, order: Output): void {
    switch (order.kind) {
      case 'dial': {
        const peer = this.#nodes.find(({ identity }) => identity.address === order.address)
        if (peer === undefined) throw new Error(`no node is at ${order.address}`)
        return this.#dial(node, peer, order.address)
      }
      case 'send': {
        const frame = { kind: 'text', text: order.text } as const
        return this.#send(node, order.link, labelOf(order.text), ({ node: peer, link }) =>
          this.#input(peer, { kind: 'frame-received', link, frame, bytes: frame.text.length }),
        )
      }
      case 'ping':
        return this.#send(node, order.link, 'ping', (there) => {
          this.#input(there.node, { kind: 'ping-received', link: there.link })
          this.#send(there.node, there.link, 'pong', (here) =>
            this.#input(here.node, { kind: 'pong-received', link: here.link }),
          )
        })
      case 'close': {
        const { code, reason } = order.frame
        return this.#send(node, order.link, `close ${code} '${reason}'`, ({ node: peer, link }) =>
          this.#input(peer, { kind: 'link-closed', link, code, reason }),
        )
      }
      case 'report':
        if (order.event.kind === 'peer-joined') this.#noteConnected(node)
        return
      case 'messages':
        return
      default:
        order satisfies never
    }
  }

  #dial(node: TestNode, peer: TestNode, address: Address): void {
    const here: End = { node, link: node.newLinkId() }
    const there: End = { node: peer, link: peer.newLinkId() }
    this.#otherEnds.get(node)?.set(here.link, there)
    this.#otherEnds.get(peer)?.set(there.link, here)
    this.#arrow(node, peer, 'dial: upgrade with identity')
    this.#post(() => {
      this.#arrow(peer, node, '101 with identity')
      this.#post(() => {
        const { identity } = peer
        this.#input(node, { kind: 'dial-succeeded', address, link: here.link, identity })
      })
      const { identity } = node
      this.#input(peer, { kind: 'link-accepted', link: there.link, remote: '', identity })
    })
  }

  #send(node: TestNode, link: LinkId, label: string, arrive: (to: End) => void): void {
    const to = this.#otherEnds.get(node)?.get(link)
    if (to === undefined) throw new Error(`no link ${link}`)
    this.#arrow(node, to.node, label)
    this.#post(() => arrive(to))
  }

  #post(arrive: () => void): void {
    this.#underWay.push({ atMs: this.#nowMs + 1, arrive })
  }

  // --- Drawing -----------------------------------------------------------------------------------

  #noteConnected(node: TestNode): void {
    this.#note(node, `connected: ${node.connected.map(portOf).join(', ')}`)
  }

  #note(node: TestNode, text: string): void {
    const at = this.#column(node) + 2
    this.#draw(`${this.#lanes().slice(0, at)}${text}${this.#lanes().slice(at + text.length)}`)
  }

  #arrow(from: TestNode, to: TestNode, label: string): void {
    const isRightwards = this.#column(from) < this.#column(to)
    const [left, right] = isRightwards ? [from, to] : [to, from]
    const [start, end] = [this.#column(left) + 1, this.#column(right)]
    const shaft = ` ${label} `.padStart(label.length + 4, '─').padEnd(end - start - 1, '─')
    const arrow = isRightwards ? `${shaft}►` : `◄${shaft}`
    this.#draw(`${this.#lanes().slice(0, start)}${arrow}${this.#lanes().slice(end)}`)
  }

  #draw(row: string): void {
    if (this.#isDrawn) this.#rows.push(row)
  }

  #column(node: TestNode): number {
    return 3 + this.#nodes.indexOf(node) * LANE_COLUMNS
  }

  #lanes(): string {
    return `   ${this.#nodes.map(() => '│'.padEnd(LANE_COLUMNS)).join('')}`
  }
}

function labelOf(text: string): string {
  const { type, data }: { readonly type: string; readonly data: readonly string[] } =
    JSON.parse(text)
  return `${type} [${data.map(portOf).join(', ')}]`
}

function portOf(address: string): string {
  return address.replace(/^.*:/, '')
}
