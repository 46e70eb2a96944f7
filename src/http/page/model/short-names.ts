/**
 * Short names for nodes: the part of each address that differs from the others, and what the node
 * tells of its name. Pure.
 */

import type { OwnStatus } from '../../status.ts'

/** A name for each address, in the same order. Ports suffice when all hosts are the same. */
export function shortNames(addresses: readonly string[]): readonly string[] {
  const parts = addresses.map(split)
  const suffix = commonSuffix(parts.map(({ host }) => host))
  const hosts = new Set(parts.map(({ host }) => host))
  const ports = new Set(parts.map(({ port }) => port))
  const hasPorts = parts.every(({ port }) => port !== '')
  if (hosts.size === 1 && hasPorts) return parts.map(({ port }) => port)
  return parts.map(({ host, port }) => {
    const name = host.slice(0, host.length - suffix.length)
    return ports.size === 1 || port === '' ? name : `${name}:${port}`
  })
}

/** A text of at most this length, with its middle left out: ends differ more often. */
export function shorten(text: string, charactersMax: number): string {
  const characters = [...text]
  if (characters.length <= charactersMax) return text
  const kept = Math.max(charactersMax - 1, 1)
  const head = characters.slice(0, Math.ceil(kept / 2))
  const tail = characters.slice(characters.length - Math.floor(kept / 2))
  return [...head, '…', ...tail].join('')
}

/** What a node tells of its name and role, `anna, worker`; empty when it tells neither. */
export function toldName(data: OwnStatus['data'] | undefined): string {
  const told = [data?.['name'], data?.['role']].flatMap((text) =>
    typeof text === 'string' && text.trim() !== '' ? [shorten(text.trim(), TOLD_CHARS_MAX)] : [],
  )
  return told.join(', ')
}

/** A peer writes what it likes there, and each name makes the circle smaller. */
const TOLD_CHARS_MAX = 16

/** The end that all hosts share: `.mesh.example.org`. None for IPs, which differ in their end. */
function commonSuffix(hosts: readonly string[]): string {
  const [first = '', ...others] = hosts
  if (/\d$/.test(first)) return ''
  for (let dot = first.indexOf('.'); dot > 0; dot = first.indexOf('.', dot + 1)) {
    const suffix = first.slice(dot)
    const isShared = others.every((host) => host.endsWith(suffix) && host.length > suffix.length)
    if (isShared && others.length > 0) return suffix
  }
  return ''
}

/** The address as people write it. */
export function withoutScheme(address: string): string {
  return address.replace(/^wss?:\/\//, '')
}

function split(address: string): { readonly host: string; readonly port: string } {
  const rest = withoutScheme(address)
  const [, host = rest, port = ''] = /^(.*):(\d+(?:\/.*)?)$/.exec(rest) ?? []
  return { host, port }
}
