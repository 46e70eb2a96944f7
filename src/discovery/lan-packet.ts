/**
 * The packet by which a node announces its address on the LAN: three lines of ASCII, the last of
 * which proves the secret, or names the mesh where there is none. docs/PROTOCOL.md, section 12. It
 * has no time in it: whoever sends a recorded one again names an address that is true or was. Pure.
 */

import type { Key } from '../auth/key.ts'
import { type Address, parseAddress } from '../mesh/address/address.ts'
import { LAN_PACKET_BYTES_MAX } from './limits.ts'

/** The mesh that packets are of. */
export interface LanMesh {
  readonly name: string
  /** The first one proves, any of them verifies. Empty: the mesh has no secret. */
  readonly keys: readonly Key[]
  /** Whether a node without the secret is one of the mesh as well. */
  readonly isOpen: boolean
}

/** A packet; `foreign` is one of another mesh, or with another secret. */
export type LanPacket =
  | { readonly kind: 'announcement'; readonly address: Address }
  | { readonly kind: 'foreign' }
  | { readonly kind: 'malformed' }

const FIRST_LINE = 'fullmesh-lan-1'

const LINES = new RegExp(`^${FIRST_LINE}\n(?<address>[!-~]+)\n(?<kind>mac|mesh) (?<value>[!-~]+)$`)

/** Two while nodes with the secret and nodes without are one mesh: each reads one of them. */
export function encodeLanPackets(
  { name, keys, isOpen }: LanMesh,
  address: Address,
): readonly string[] {
  const [key] = keys
  const lastLines = [
    ...(key === undefined ? [] : [`mac ${key.mac(covered(name, address))}`]),
    ...(isOpen ? [`mesh ${name}`] : []),
  ]
  return lastLines.map((last) => [FIRST_LINE, address, last].join('\n'))
}

/** Reads a packet. Never throws. */
export function decodeLanPacket({ name, keys, isOpen }: LanMesh, bytes: Buffer): LanPacket {
  if (bytes.length > LAN_PACKET_BYTES_MAX) return { kind: 'malformed' }
  const { address = '', kind, value = '' } = LINES.exec(bytes.toString('latin1'))?.groups ?? {}
  const parsed = parseAddress(address)
  if (parsed.kind === 'rejected') return { kind: 'malformed' }
  const text = covered(name, address)
  const isOurs =
    kind === 'mac' ? keys.some((key) => key.verifies(text, value)) : isOpen && value === name
  return isOurs ? { kind: 'announcement', address: parsed.address } : { kind: 'foreign' }
}

/** What the MAC covers. No transcript of a proof begins like this. */
function covered(name: string, address: string): string {
  return [FIRST_LINE, `mesh ${name}`, `address ${address}`].join('\n')
}
