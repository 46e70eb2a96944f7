/** A dialer for tests, what it dials, and servers that it reaches. */

import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { ExecutionContext } from 'ava'
import { WebSocketServer } from 'ws'
import type { DialResult } from '../../src/io/dial.ts'
import { Dialer, type DialOrder } from '../../src/io/dialer.ts'
import { NameLookup } from '../../src/io/name-lookup.ts'
import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { DialPolicy } from '../../src/mesh/address/scope.ts'
import { type Identity, parseMeshId } from '../../src/wire/headers.ts'
import { freePort } from './free-port.ts'

/** A dial of a test: what is not given is the same for all of them. */
interface Dial {
  readonly address: string
  readonly policy?: DialPolicy
  readonly timeoutMs?: number
  /** The IPs of every name. */
  readonly ips?: readonly string[]
  readonly ownIps?: () => readonly string[]
}

export function dialerFor({ ips, ownIps = () => [] }: Partial<Dial>): Dialer {
  return new Dialer({
    identity: { ...anIdentity(), address: 'ws://own.example:1' },
    ownIps,
    onNoDescriptors: () => {},
    names: new NameLookup({
      lookup: async (name) => {
        if (ips === undefined) throw new Error(`${name} must not be resolved`)
        return ips
      },
    }),
  })
}

export function dial(t: ExecutionContext, options: Dial): Promise<DialResult> {
  return dialBy(t, dialerFor(options), options)
}

export function dialBy(t: ExecutionContext, dialer: Dialer, options: Dial): Promise<DialResult> {
  return new Promise((resolve) => {
    dialer.dial(orderOf(options), (result) => {
      if (result.kind === 'opened') t.teardown(() => result.socket.terminate())
      resolve(result)
    })
  })
}

export function orderOf({ address, policy = 'operator', timeoutMs = 5_000 }: Dial): DialOrder {
  return { address: addressOf(address), policy, timeoutMs }
}

export const OWN_ID = 'a'.repeat(32)
export const OTHER_ID = 'b'.repeat(32)

export function anIdentity(text = OWN_ID): Identity {
  const id = parseMeshId(text)
  if (id === undefined) throw new Error('32 hex digits are an id')
  return {
    version: '1',
    mesh: 'default',
    id,
    address: 'ws://localhost:1',
    code: '',
    messages: false,
  }
}

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}

/** A WebSocket server on 127.0.0.1 that keeps the requests it got. */
export async function webSocketServer(t: ExecutionContext) {
  const port = await freePort(t)
  const requests: IncomingMessage[] = []
  const server = new WebSocketServer({ host: '127.0.0.1', port })
  server.on('connection', (_socket, request) => requests.push(request))
  t.teardown(() => server.close())
  await once(server, 'listening')
  return { port, requests }
}

export async function listening<S extends Server>(t: ExecutionContext, server: S): Promise<number> {
  const port = await freePort(t)
  t.teardown(() => server.close())
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return port
}
