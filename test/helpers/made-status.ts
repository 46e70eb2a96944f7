/** Status documents of meshes that do not run. */

import type { PeerStatus, Status } from '../../src/http/status.ts'

const RUNTIMES = ['Node.js 22.23.2', 'Deno 2.9.6', 'Bun 1.4.5'] as const

/** An hour before now, so that times are neither in the future nor always the same. */
const STARTED_MS_AGO = 60 * 60 * 1000

export type Ending = Omit<NonNullable<PeerStatus['lastEnding']>, 'at'>

const STOPPED: Ending = {
  text: "closed by peer: 1001 'node stops'",
  close: { by: 'peer', code: 1001 },
  dial: null,
}

export const BROKEN: Ending = {
  text: 'connection lost',
  close: { by: 'network', code: 1006 },
  dial: null,
}

/** A dial that failed. */
export function failedDial(failure: string, reason: string): Ending {
  return { text: `cannot connect: '${reason}'`, close: null, dial: { failure, reason } }
}

/** The address of the n-th node of a made mesh; the first is the page's own. */
export function madeAddress(number: number): string {
  return `ws://localhost:${4000 + number}`
}

/** A mesh of so many nodes, all connected to all. */
export function completeMesh(count: number, addressOf = madeAddress): Status {
  const addresses = Array.from({ length: count }, (_, index) => addressOf(index + 1))
  const [own = '', ...others] = addresses
  return withSummary({
    format: 1,
    keys: null,
    unproven: null,
    node: {
      address: own,
      id: idOf(1),
      mesh: 'default',
      version: '0.1.0',
      runtime: RUNTIMES[0],
      code: '0b5f'.repeat(16),
      startedAt: ago(STARTED_MS_AGO),
      data: {},
      certificate: null,
    },
    complete: true,
    summary: '',
    peers: others.map((address, index) => ({
      address,
      known: index === 0,
      state: 'connected',
      retryInMs: null,
      link: {
        dialedBy: index % 2 === 0 ? 'us' : 'peer',
        since: ago(STARTED_MS_AGO - index * 1000),
        roundTripMs: 0.4 + index,
        silent: false,
        id: idOf(index + 2),
        runtime: RUNTIMES[index % RUNTIMES.length] ?? null,
        sameCode: true,
        messages: true,
        lag: 0,
        data: {},
        encrypted: false,
        key: null,
      },
      connectedTo: addresses.filter((other) => other !== address),
      lastEnding: null,
    })),
    sources: [],
    log: others.slice(-100).map((address, index) => ({
      at: ago(STARTED_MS_AGO - index * 1000),
      text: `${address} joined, connected to ${index + 1}`,
      change: 'joined',
      address,
      close: null,
    })),
  })
}

/** The same mesh with other values for one peer. */
export function withPeer(status: Status, address: string, values: Partial<PeerStatus>): Status {
  const peers = status.peers.map((peer) =>
    peer.address === address ? { ...peer, ...values } : peer,
  )
  return withSummary({ ...status, peers })
}

/**
 * The same mesh after a peer stopped, or was lost: no node is connected to it, and it is dialed
 * again, or not.
 */
export function afterLeave(
  status: Status,
  address: string,
  retryInMs: number | null = 12_000,
  ending: Ending = STOPPED,
): Status {
  const at = new Date().toISOString()
  const { text, close } = ending
  const left = withPeer(status, address, {
    state: retryInMs === null ? 'gone' : 'backing-off',
    retryInMs,
    link: null,
    connectedTo: null,
    lastEnding: { at, ...ending },
  })
  const peers = left.peers.map((peer) => ({
    ...peer,
    connectedTo: peer.connectedTo?.filter((other) => other !== address) ?? null,
  }))
  const line = `disconnected from ${address}, ${text}`
  // A failed dial follows a connection that broke.
  const entry = { at, text: line, change: 'left', address, close: close ?? BROKEN.close } as const
  const log = [...left.log, entry]
  return withSummary({ ...left, peers, log })
}

/** The same mesh with a peer that hangs: its connections are open, and nothing comes from it. */
export function withSilent(status: Status, address: string): Status {
  const link = status.peers.find((peer) => peer.address === address)?.link
  if (link == null) throw new Error(`${address} is not connected`)
  return withPeer(status, address, { link: { ...link, silent: true }, connectedTo: null })
}

/** The same mesh without the connection between two peers. */
export function withoutLine(status: Status, a: string, b: string): Status {
  const peers = status.peers.map((peer) => {
    const lost = peer.address === a ? b : peer.address === b ? a : undefined
    const connectedTo = peer.connectedTo?.filter((other) => other !== lost) ?? null
    return { ...peer, connectedTo }
  })
  return { ...status, peers }
}

/** The status with the summary that a node gives. */
function withSummary(status: Status): Status {
  const nodes = status.peers.filter(({ state }) => state !== 'gone').length + 1
  const missing = nodes - 1 - status.peers.filter(({ state }) => state === 'connected').length
  const summary =
    nodes === 1
      ? 'no other node connected'
      : missing === 0
        ? `all ${nodes} nodes connected`
        : `${nodes - missing} of ${nodes} nodes connected, ${missing} missing`
  return { ...status, complete: missing === 0, summary }
}

function ago(ms: number): string {
  return new Date(Date.now() - ms).toISOString()
}

function idOf(number: number): string {
  return number.toString(16).padStart(32, '7')
}
