/** One entry of the known peers: an address, or a source of addresses. */

import { LAN_SOURCE, type NameSource, nameOf, type Source } from '../discovery/source.ts'
import type { Address, ParsedAddress } from '../mesh/address/address.ts'
import { ipVersion } from '../mesh/address/ip.ts'
import { parseOperatorAddress } from './setting-values.ts'

/** `problem` goes on after the text: "has no port". */
export type ParsedKnownPeer = { readonly kind: 'source'; readonly source: Source } | ParsedAddress

export type KnownPeer = Exclude<ParsedKnownPeer, { readonly kind: 'rejected' }>

type Rejected = Extract<ParsedKnownPeer, { readonly kind: 'rejected' }>

/**
 * An address; `lan`; or `dns:` or `srv:` and a name, with what all addresses have that it leads to:
 * `dns:NAME:PORT`, `dns:wss://NAME:PORT/PATH`, `srv:_SERVICE._tcp.NAME`,
 * `srv:wss://_SERVICE._tcp.NAME/PATH`. Never throws.
 */
export function parseKnownPeer(input: unknown): ParsedKnownPeer {
  if (input === LAN_SOURCE.text) return { kind: 'source', source: LAN_SOURCE }
  const [, kind, place = ''] =
    (typeof input === 'string' && /^(dns|srv):(?!\/\/)(.*)$/s.exec(input)) || []
  if (kind === 'dns') return parseDns(place)
  if (kind === 'srv') return parseSrv(place)
  return parseOperatorAddress(input)
}

/** How an entry is compared and shown. */
export function textOfEntry(entry: KnownPeer): string {
  return entry.kind === 'source' ? entry.source.text : entry.address
}

function parseDns(place: string): ParsedKnownPeer {
  const parsed = parsePattern(place)
  if (parsed.kind === 'rejected') return parsed
  const { url, pattern, port } = parsed
  if (port === undefined && url.protocol === 'ws:') {
    return rejected('has no port; write dns:NAME:PORT')
  }
  const source = { kind: 'dns', text: textFor('dns', url, port), pattern } as const
  if (ipVersion(nameOf(source)) !== 0)
    return rejected('has an IP instead of a name; write ws://IP:PORT')
  return { kind: 'source', source }
}

function parseSrv(place: string): ParsedKnownPeer {
  const parsed = parsePattern(place)
  if (parsed.kind === 'rejected') return parsed
  const { url, pattern, port } = parsed
  if (port !== undefined) return rejected('has a port, which its SRV records have; leave it out')
  if (!/^_[^.]+\._tcp\.[^.]/.test(url.hostname)) {
    return rejected('has no name of SRV records; write srv:_SERVICE._tcp.NAME')
  }
  return { kind: 'source', source: { kind: 'srv', text: textFor('srv', url, port), pattern } }
}

interface Pattern {
  readonly kind: 'pattern'
  readonly pattern: Address
  readonly url: URL
  /** As it was written; undefined when none was. */
  readonly port: string | undefined
}

function parsePattern(place: string): Pattern | Rejected {
  const text = /^\w+:\/\//.test(place) ? place : `ws://${place}`
  const parsed = parseOperatorAddress(text)
  if (parsed.kind === 'rejected') return parsed
  const [, port] = /^\w+:\/\/[^/]*:0*(\d+)(?:\/|$)/.exec(text) ?? []
  return { kind: 'pattern', pattern: parsed.address, url: new URL(parsed.address), port }
}

/** Without the scheme `ws`, which is the default, and with the port that an address leaves out. */
function textFor(kind: NameSource['kind'], url: URL, port: string | undefined): string {
  const scheme = url.protocol === 'wss:' ? 'wss://' : ''
  const path = url.pathname === '/' ? '' : url.pathname
  return `${kind}:${scheme}${url.hostname}${port === undefined ? '' : `:${port}`}${path}`
}

function rejected(problem: string): Rejected {
  return { kind: 'rejected', problem }
}
