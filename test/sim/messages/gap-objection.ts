/** Gaps that may not be announced, since another node has what is missing. */

import type { Gap } from '../../../src/pubsub/entries.ts'
import { HOLE_WAIT_MS } from '../../../src/pubsub/limits.ts'
import { isCut, type Socket } from '../network.ts'
import type { Process } from '../process.ts'
import type { World } from '../world.ts'
import { KEPT_MS } from './ledger.ts'
import type { MessageNode } from './message-node.ts'

/** Within this time a healthy peer that is asked for a hole answers. */
const ANSWER_MS = HOLE_WAIT_MS + 5_000

/** Why a node may not announce a gap, or undefined. */
export function gapObjection(node: Process, world: World, gap: Gap): string | undefined {
  const ledger = world.messages?.ledger
  const messages = world.messages?.nodes.get(node)
  if (messages === undefined || ledger === undefined) return undefined
  const { feed, first, last } = gap
  const { settings, startedMs } = messages
  const { nowMs } = world.time
  if (settings.logBytes !== undefined || settings.readsLate) return undefined
  if (messages.linksTo(feed).length > 0) {
    const isKept = ledger.ownerKeeps(feed, first, last, startedMs, nowMs)
    return isKept ? 'and its owner is linked and keeps it' : undefined
  }
  if (!settings.takesRelayed) return undefined
  for (const socket of node.sockets) {
    const reader = healthyPeer(messages, socket, world)?.reader
    if (reader === undefined) continue
    for (let seq = first; seq <= last; seq += 1) {
      const atMs = ledger.publishedMs(feed, seq)
      if (atMs === undefined || atMs < Math.max(startedMs, nowMs - KEPT_MS)) continue
      if (reader.hasSince(feed, seq, nowMs - ANSWER_MS))
        return `and ${socket.peer.process.name} has ${seq}`
    }
  }
  return undefined
}

/** The peer of a link that was healthy for so long that it has answered whatever it was asked. */
function healthyPeer(
  node: MessageNode,
  socket: Socket,
  { messages, network, time }: World,
): MessageNode | undefined {
  const there = socket.peer.process
  const peer = messages?.nodes.get(there)
  const sinceMs = time.nowMs - ANSWER_MS
  const openedMs = node.links.get(socket.link)?.openedMs ?? time.nowMs
  if (peer === undefined || openedMs > sinceMs || network.blockedMs > sinceMs) return undefined
  const isAwake = [socket.process, there].every(
    ({ frozen, thawedMs }) => !frozen && thawedMs < sinceMs,
  )
  const isOpen = there.alive && socket.peer.open && !isCut(socket)
  const isSlow = socket.line !== undefined || socket.peer.line !== undefined
  const { logBytes, readsLate } = peer.settings
  const keepsAll = logBytes === undefined && !readsLate
  return isAwake && isOpen && !isSlow && keepsAll ? peer : undefined
}
