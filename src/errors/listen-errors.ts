/** Why a node cannot listen: the codes LISTEN_…. */

import { quoted } from '../log/printable.ts'
import { NodeError } from './node-error.ts'

/** EADDRINUSE. `source` is where PORT was set: a file, or "the environment variable PORT". */
export function portInUse(port: number, source: string, cause?: unknown): NodeError {
  const message = `another program, perhaps this node itself, listens on port ${port}; stop it, or choose another port in ${source}`
  return new NodeError('LISTEN_PORT_IN_USE', message, { exitCode: 1, cause })
}

/** EACCES: most systems keep ports below 1024 for the administrator; Windows reserves ranges. */
export function portNotPermitted(port: number, source: string, cause?: unknown): NodeError {
  const message = `the system does not let this user listen on port ${port}; choose one above 1023 in ${source}`
  return new NodeError('LISTEN_PORT_NOT_PERMITTED', message, { cause })
}

/** EADDRNOTAVAIL: no interface of this machine has the address. */
export function listenAddressUnavailable(ip: string, port: number, cause?: unknown): NodeError {
  const message = `cannot listen on ${quoted(ip)}, port ${port}: no interface of this machine has that address; set LISTEN to one that it has, or to 0.0.0.0 for all of IPv4`
  return new NodeError('LISTEN_ADDRESS_UNAVAILABLE', message, { cause })
}
