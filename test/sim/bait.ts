/**
 * Addresses that a hostile peer names: those without a node, and those that must not be dialed.
 */

import type { Address } from '../../src/mesh/address/address.ts'
import { addressOf, type ProbedPeers } from './place.ts'

/**
 * What our nodes must never dial because a peer named it, written independently of scope.ts.
 */
export function forbiddenAddresses(where: ProbedPeers): readonly Address[] {
  const everywhere = [
    'ws://0.0.0.0:22',
    'ws://[::]:22',
    'ws://169.254.169.254',
    'ws://[fe80::1]:4000',
    'ws://224.0.0.1:4000',
    'ws://255.255.255.255:4000',
    'ws://[ff02::1]:4000',
    'ws://[fd00:ec2::254]',
    'ws://[::ffff:169.254.169.254]',
  ]
  const onNetwork = [
    'ws://10.0.0.1:4001',
    'ws://192.168.0.1',
    'ws://[2001:db8::1]',
    'wss://a.example',
  ]
  const onLoopback = [
    'ws://localhost:6379',
    'ws://127.0.0.1:4000',
    'ws://127.9.9.9:4000',
    'ws://[::1]:4000',
    'ws://[::ffff:127.0.0.1]:4000',
    'ws://2130706433:4000',
    'ws://0x7f.1:4000',
    'ws://a.localhost:4000',
  ]
  return [...everywhere, ...(where === 'loopback' ? onNetwork : onLoopback)].map(addressOf)
}

/** Addresses that may be dialed and drop every packet. */
export function blackHoles(where: ProbedPeers, count: number): readonly Address[] {
  return deadAddresses(where, count, 20_000)
}

/** Addresses that may be dialed and refuse. */
export function refusing(where: ProbedPeers, count: number): readonly Address[] {
  return deadAddresses(where, count, 30_000)
}

function deadAddresses(where: ProbedPeers, count: number, port: number): readonly Address[] {
  return Array.from({ length: count }, (_none, index) =>
    addressOf(
      where === 'loopback' ? `ws://localhost:${port + index}` : `ws://10.9.0.9:${port + index}`,
    ),
  )
}
