/** Several cores on a network in memory, on which the test decides about each delivery. */

import type { Address } from '../../src/mesh/address/address.ts'
import type { Input, LinkId } from '../../src/mesh/inputs.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import type { NodeData } from '../../src/wire/node-data.ts'
import { driveBounded, type TestNode } from './core.ts'

/** One direction of a dial or a socket, which keeps its order. */
interface Pipe {
  readonly name: string
  readonly items: (() => void)[]
}

interface End {
  readonly node: TestNode
  readonly link: LinkId
}

/**
 * Cores on a network in memory. Nothing arrives before the test delivers it. What is sent on one
 * socket in one direction keeps its order, as on TCP; everything else may arrive in any order.
 */
export class TestNetwork {
  readonly #nodes: readonly TestNode[]
  readonly #pipes: Pipe[] = []
  readonly #trace: string[] = []
  /** By node and link: the pipe to the other end, and that end. */
  readonly #wires = new Map<TestNode, Map<LinkId, { readonly to: End; readonly pipe: Pipe }>>()

  constructor(nodes: readonly TestNode[]) {
    this.#nodes = nodes
    for (const node of nodes) this.#wires.set(node, new Map())
  }

  /** Starts one node. */
  start(node: TestNode): void {
    this.#input(node, { kind: 'started' })
  }

  /** A program tells this of its node. */
  tell(node: TestNode, data: NodeData): void {
    this.#input(node, { kind: 'data-changed', text: JSON.stringify(data) })
  }

  /** What could be delivered next. */
  get deliverable(): number {
    return this.#pipes.length
  }

  /** Delivers the first item of one of the pipes that hold any. */
  deliver(choice: number): void {
    const pipe = this.#pipes[choice % this.#pipes.length]
    if (pipe === undefined) return
    this.#trace.push(pipe.name)
    pipe.items.shift()?.()
    if (pipe.items.length === 0) this.#pipes.splice(this.#pipes.indexOf(pipe), 1)
  }

  /** Delivers everything, and lets this much time pass, with everything that is sent meanwhile. */
  settle(ms: number): void {
    const startMs = Math.max(...this.#nodes.map((node) => node.nowMs))
    try {
      driveBounded(10_000, () => this.#step(startMs + ms))
    } catch (cause) {
      throw new Error(`last deliveries: ${this.#trace.slice(-40).join(', ')}`, { cause })
    }
  }

  #step(untilMs: number): boolean {
    if (this.#pipes.length > 0) {
      this.deliver(0)
      return true
    }
    const deadlines = this.#nodes.map((node) => node.mesh.deadlineMs() ?? Number.POSITIVE_INFINITY)
    const nextMs = Math.min(...deadlines)
    if (nextMs > untilMs) return false
    for (const node of this.#nodes) node.nowMs = Math.max(node.nowMs, nextMs)
    const due = this.#nodes[deadlines.indexOf(nextMs)]
    if (due !== undefined) this.#input(due, { kind: 'deadline' })
    return true
  }

  /** The links between two nodes, as pairs of the ids at both ends. */
  linksBetween(a: TestNode, b: TestNode): readonly (readonly [LinkId, LinkId | undefined])[] {
    return a.linkIds.flatMap((link) => {
      const to = this.#wires.get(a)?.get(link)?.to
      if (to?.node !== b) return []
      return [[link, b.linkIds.find((other) => other === to.link)] as const]
    })
  }

  #input(node: TestNode, input: Input): void {
    node.handle(input)
    for (const order of node.orders) this.#execute(node, order)
  }

  #execute(node: TestNode, order: Output): void {
    switch (order.kind) {
      case 'dial':
        return this.#dial(node, order.address)
      case 'send': {
        const frame = { kind: 'text', text: order.text } as const
        return this.#carry(node, order.link, (to) => {
          this.#input(to.node, {
            kind: 'frame-received',
            link: to.link,
            frame,
            bytes: order.text.length,
          })
        })
      }
      case 'ping':
        return this.#carry(node, order.link, (to) => {
          this.#input(to.node, { kind: 'ping-received', link: to.link })
          this.#carry(to.node, to.link, (back) => {
            this.#input(back.node, { kind: 'pong-received', link: back.link })
          })
        })
      case 'close':
        return this.#carry(node, order.link, (to) => {
          this.#input(to.node, { kind: 'link-closed', link: to.link, ...order.frame })
        })
      case 'report':
        return
      case 'messages':
        return
      default:
        order satisfies never
    }
  }

  #dial(node: TestNode, dialed: Address): void {
    const name = `${node.identity.address} dials ${dialed}`
    this.#post({ name, items: [] }, () => {
      const peer = this.#nodes.find((other) => other.identity.address === dialed)
      if (peer === undefined) {
        return this.#input(node, {
          kind: 'dial-failed',
          address: dialed,
          failure: 'refused',
          reason: 'refused',
        })
      }
      const here: End = { node, link: node.newLinkId() }
      const there: End = { node: peer, link: peer.newLinkId() }
      const back: Pipe = { name: `${dialed} to ${node.identity.address} #${here.link}`, items: [] }
      const forth: Pipe = {
        name: `${node.identity.address} to ${dialed} #${there.link}`,
        items: [],
      }
      this.#wires.get(node)?.set(here.link, { to: there, pipe: forth })
      this.#wires.get(peer)?.set(there.link, { to: here, pipe: back })
      // The 101 response leaves before anything that the acceptor sends on the link.
      this.#post(back, () => {
        const { identity } = peer
        this.#input(node, { kind: 'dial-succeeded', address: dialed, link: here.link, identity })
      })
      const remote = `${node.identity.address}#${there.link}`
      const { identity } = node
      this.#input(peer, { kind: 'link-accepted', link: there.link, remote, identity })
    })
  }

  #carry(node: TestNode, link: LinkId, arrive: (to: End) => void): void {
    const wire = this.#wires.get(node)?.get(link)
    if (wire !== undefined) this.#post(wire.pipe, () => arrive(wire.to))
  }

  #post(pipe: Pipe, item: () => void): void {
    if (pipe.items.length === 0 && !this.#pipes.includes(pipe)) this.#pipes.push(pipe)
    pipe.items.push(item)
  }
}
