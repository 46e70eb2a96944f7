/** Why a node cannot listen: the codes LISTEN_…. */

import { quoted } from '../log/printable.ts'
import { NodeError } from './node-error.ts'
import { processProblem, systemCodeOf } from './system-error.ts'

/**
 * The error as one that the operator can fix, or undefined for any other. `portSource` is where
 * PORT was set: a file, or "the environment variable PORT".
 */
export function listenErrorFor(
  cause: unknown,
  ip: string,
  { port, portSource }: { readonly port: number; readonly portSource: string },
): NodeError | undefined {
  const code = systemCodeOf(cause)
  switch (code) {
    case 'EADDRINUSE': {
      const message = `another program, perhaps this node itself, listens on port ${port}; stop it, or choose another port in ${portSource}`
      return new NodeError('LISTEN_PORT_IN_USE', message, { exitCode: 1, cause })
    }
    // Most systems keep ports below 1024 for the administrator; Windows reserves ranges.
    case 'EACCES': {
      const message = `the system does not let this user listen on port ${port}; choose one above 1023 in ${portSource}`
      return new NodeError('LISTEN_PORT_NOT_PERMITTED', message, { cause })
    }
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EINVAL': {
      const message = `cannot listen on ${quoted(ip)}, port ${port}: no interface of this machine has that address; set LISTEN to one that it has, or to 0.0.0.0 for all of IPv4`
      // An interface, such as that of a VPN, may not be up yet.
      const exitCode = code === 'EADDRNOTAVAIL' ? 1 : 2
      return new NodeError('LISTEN_ADDRESS_UNAVAILABLE', message, { exitCode, cause })
    }
    default:
      return processProblem(cause)
  }
}
