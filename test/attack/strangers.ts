/** Attackers that speak the protocol: they take the identity of others, places and dials. */

import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { identityIn } from '../../src/wire/headers.ts'
import type { Attack, Target } from './attacker.ts'

/** Pause before what was closed is opened again, in ms. */
const PAUSE_MS = 100

/** As many addresses as one HANDSHAKE may have, without the sender's. */
const NAMED = 999

export interface Impersonators {
  readonly target: Target
  /** The node whose identity is copied, from its response to an upgrade, again and again. */
  readonly as: Target
  readonly links: number
}

/** Links in the name of another node, also when that was started again. */
export function impersonate({ target, as, links }: Impersonators): Attack {
  return repeat(links, async () => {
    const identity = await identityOf(as)
    if (identity === undefined) return undefined
    const { version, mesh, id, address } = identity
    const headers = { 'Mesh-Version': version, 'Mesh-Name': mesh, 'Mesh-Id': id }
    return open(target, { ...headers, 'Mesh-Address': address }, [address])
  })
}

export interface Crowd {
  readonly target: Target
  readonly links: number
}

/** Plain links that say HANDSHAKE once, and stay. */
export function crowd({ target, links }: Crowd): Attack {
  return repeat(links, () => Promise.resolve(open(target, {}, [])))
}

export interface Scanners {
  readonly target: Target
  readonly links: number
  /** The host that the target is made to dial. */
  readonly victim: string
}

/** Links that name addresses of a third host, another path for each. */
export function scan({ target, links, victim }: Scanners): Attack {
  return repeat(links, (index) => {
    const data = Array.from({ length: NAMED }, (_none, n) => {
      return `ws://${victim}:${20_000 + (n >> 3)}/${index}-${n & 7}-${Date.now() % 100_000}`
    })
    return Promise.resolve(open(target, {}, data))
  })
}

/** Keeps links open, and opens each again when it is closed. */
function repeat(links: number, openOne: (index: number) => Promise<WebSocket | undefined>): Attack {
  let opened = 0
  let isStopped = false
  const keepOpen = async (index: number): Promise<void> => {
    while (!isStopped) {
      const socket = await openOne(index)
      opened += 1
      if (socket !== undefined) await new Promise((resolve) => socket.once('close', resolve))
      await delay(PAUSE_MS)
    }
  }
  for (let index = 0; index < links; index += 1) void keepOpen(index)
  return {
    get opened() {
      return opened
    },
    stop() {
      isStopped = true
    },
  }
}

function open(
  { host, port }: Target,
  headers: Readonly<Record<string, string>>,
  data: readonly string[],
): WebSocket {
  const socket = new WebSocket(`ws://${host}:${port}`, { headers })
  socket.on('error', () => {})
  socket.once('open', () => socket.send(JSON.stringify({ type: 'HANDSHAKE', data })))
  return socket
}

async function identityOf({ host, port }: Target) {
  const socket = new WebSocket(`ws://${host}:${port}`)
  return new Promise<ReturnType<typeof identityIn>>((resolve) => {
    socket.once('upgrade', ({ headers }) => {
      resolve(identityIn(headers))
      socket.terminate()
    })
    socket.once('error', () => resolve(undefined))
  })
}
