/**
 * The only requests that change a node: `POST /peers` with `{"address":"ws://…"}` makes an address
 * a known peer, `DELETE /peers?address=ws://…` forgets a peer.
 */

import type { IncomingMessage } from 'node:http'
import { NodeError } from '../errors/node-error.ts'
import { BODY_BYTES_MAX } from './limits.ts'
import { bodyOf } from './request-body.ts'
import { type HttpResponse, json, line } from './response.ts'
import type { SiteFacts } from './site.ts'
import { isRequestsPath, isTopicsPath } from './topic-target.ts'

/** The methods of a path, for Allow. */
export function methodsOf(path: string): string {
  if (isTopicsPath(path)) return 'GET, HEAD, POST'
  if (isRequestsPath(path)) return 'POST'
  return path === '/peers' ? 'GET, HEAD, POST, DELETE' : 'GET, HEAD'
}

export function isChange(path: string, { method }: Pick<IncomingMessage, 'method'>): boolean {
  return path === '/peers' && (method === 'POST' || method === 'DELETE')
}

/** Carries out a request that {@link isChange}, and gives the answer. */
export async function changePeers(
  request: IncomingMessage,
  query: string,
  { addPeer, forget }: Pick<SiteFacts, 'addPeer' | 'forget'>,
): Promise<HttpResponse> {
  try {
    if (request.method === 'DELETE') {
      const address = addressInQuery(query)
      if (address !== undefined) return json(200, { forgotten: forget(address) })
      return line(400, 'one address is needed: DELETE /peers?address=ws://localhost:4002')
    }
    const address = await addressInBody(request)
    if (typeof address !== 'string') return address
    addPeer(address)
    return json(200, { added: address })
  } catch (error) {
    if (!(error instanceof NodeError)) throw error
    return line(error.code === 'PEER_CONNECTED' ? 409 : 400, error.message)
  }
}

function addressInQuery(query: string): string | undefined {
  const [first, ...others] = new URLSearchParams(query)
  return first?.[0] === 'address' && others.length === 0 ? first[1] : undefined
}

async function addressInBody(request: IncomingMessage): Promise<string | HttpResponse> {
  // A web page of another site can send other types without asking (CORS).
  if (!/^application\/json *(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return line(415, 'Content-Type must be application/json')
  }
  const body = await bodyOf(request, BODY_BYTES_MAX)
  if (!Buffer.isBuffer(body)) return body
  return addressIn(body) ?? line(400, 'the body must be as {"address":"ws://localhost:4002"}')
}

function addressIn(body: Buffer): string | undefined {
  try {
    const value: unknown = JSON.parse(body.toString())
    const isObject = typeof value === 'object' && value !== null && 'address' in value
    return isObject && typeof value.address === 'string' ? value.address : undefined
  } catch {
    return undefined
  }
}
