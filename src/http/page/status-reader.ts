/**
 * From the text of an event to a Status. The node is the page's own, but may be of a later version:
 * what is unknown is left out, what is missing is empty, and nothing throws.
 */

import type { LinkStatus, LogLine, OwnStatus, PeerStatus, Status } from '../status.ts'

const STATES: readonly PeerStatus['state'][] = ['connected', 'attempting', 'backing-off', 'gone']

/** The status, or undefined when this is none of the format that the page knows. */
export function readStatus(text: string): Status | undefined {
  const value = parse(text)
  if (at(value, 'format') !== 1) return undefined
  return {
    format: 1,
    node: readOwn(at(value, 'node')),
    complete: at(value, 'complete') === true,
    summary: words(at(value, 'summary')),
    peers: list(at(value, 'peers')).map(readPeer),
    log: list(at(value, 'log')).map(readLogLine),
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function readOwn(value: unknown): OwnStatus {
  return {
    address: words(at(value, 'address')),
    id: words(at(value, 'id')),
    mesh: words(at(value, 'mesh')),
    version: words(at(value, 'version')),
    runtime: words(at(value, 'runtime')),
    code: wordsOrNull(at(value, 'code')),
    startedAt: words(at(value, 'startedAt')),
  }
}

function readPeer(value: unknown): PeerStatus {
  const [link, connectedTo, lastEnding] = [
    at(value, 'link'),
    at(value, 'connectedTo'),
    at(value, 'lastEnding'),
  ]
  const stateOfPeer = at(value, 'state')
  return {
    address: words(at(value, 'address')),
    known: at(value, 'known') === true,
    // A state that this page does not know has no shape; a cross at least is no promise.
    state: STATES.find((state) => state === stateOfPeer) ?? 'gone',
    retryInMs: numberOrNull(at(value, 'retryInMs')),
    link: isObject(link) ? readLink(link) : null,
    connectedTo: Array.isArray(connectedTo) ? connectedTo.map(words) : null,
    lastEnding: isObject(lastEnding) ? readLogLine(lastEnding) : null,
  }
}

function readLink(value: unknown): LinkStatus {
  const sameCode = at(value, 'sameCode')
  return {
    dialedBy: at(value, 'dialedBy') === 'us' ? 'us' : 'peer',
    since: words(at(value, 'since')),
    roundTripMs: numberOrNull(at(value, 'roundTripMs')),
    id: wordsOrNull(at(value, 'id')),
    runtime: wordsOrNull(at(value, 'runtime')),
    sameCode: typeof sameCode === 'boolean' ? sameCode : null,
  }
}

function readLogLine(value: unknown): LogLine {
  return { at: words(at(value, 'at')), text: words(at(value, 'text')) }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function at(value: unknown, key: string): unknown {
  return isObject(value) ? value[key] : undefined
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function words(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function wordsOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function numberOrNull(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}
