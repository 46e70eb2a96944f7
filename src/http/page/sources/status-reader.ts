/**
 * Reads a Status from the text of an event. A node of another version may have replaced the one
 * that served the page, so what the page uses is checked.
 */

import type { PeerStatus, Status } from '../../status.ts'

const STATES: readonly unknown[] = [
  'connected',
  'attempting',
  'backing-off',
  'gone',
] satisfies readonly PeerStatus['state'][]

/** The status, or undefined when the page cannot show it. Never throws. */
export function readStatus(text: string): Status | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isStatus(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isStatus(value: unknown): value is Status {
  if (!isObject(value) || value['format'] !== 1) return false
  const { node, summary, peers, log } = value
  return (
    isObject(node) &&
    typeof node['address'] === 'string' &&
    typeof summary === 'string' &&
    Array.isArray(peers) &&
    peers.every(isPeer) &&
    Array.isArray(log) &&
    log.every(isObject)
  )
}

function isPeer(value: unknown): boolean {
  if (!isObject(value)) return false
  const { address, state, link, connectedTo } = value
  return (
    typeof address === 'string' &&
    STATES.includes(state) &&
    (link === null || isObject(link)) &&
    (connectedTo === null || Array.isArray(connectedTo))
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
