/** Attackers that send as fast as they can, or as fast as they want to. */

import type { Socket } from 'node:net'
import { UPGRADE_REQUEST } from '../helpers/caller.ts'
import { type Attack, EMPTY_HANDSHAKE, frameOf, keepConnected, type Target } from './attacker.ts'

/** Frames that a flood is made of, each as short as it can be. */
export const FLOOD_FRAMES = {
  ping: frameOf(0x9, ''),
  pong: frameOf(0xa, ''),
  /** The first of a message, and the others: no message ever ends. */
  fragment: frameOf(0x0, '', false),
  text: frameOf(0x1, '{"type":"x"}'),
} as const satisfies Readonly<Record<string, Buffer>>

export interface Flood {
  readonly target: Target
  readonly links: number
  readonly frame: keyof typeof FLOOD_FRAMES
  /** What each link sends. */
  readonly bytesPerSecond: number
}

const WRITE_EVERY_MS = 20

/** Links that send frames without pause, and come back at once when they are closed. */
export function flood({ target, links, frame, bytesPerSecond }: Flood): Attack {
  const chunk = chunkOf(FLOOD_FRAMES[frame], (bytesPerSecond * WRITE_EVERY_MS) / 1000)
  return keepConnected({
    target,
    count: links,
    onConnect: (socket) => {
      socket.write(UPGRADE_REQUEST)
      socket.write(EMPTY_HANDSHAKE)
      if (frame === 'fragment') socket.write(frameOf(0x1, '', false))
      socket.resume()
      writeAtIntervals(socket, chunk)
    },
  })
}

function chunkOf(frame: Buffer, bytes: number): Buffer {
  return Buffer.concat(Array<Buffer>(Math.max(1, Math.round(bytes / frame.length))).fill(frame))
}

/** Skips a write while the one before is not yet in the kernel. */
function writeAtIntervals(socket: Socket, chunk: Buffer): void {
  const timer = setInterval(() => {
    if (socket.writableLength < chunk.length) socket.write(chunk)
  }, WRITE_EVERY_MS)
  socket.once('close', () => clearInterval(timer))
}
