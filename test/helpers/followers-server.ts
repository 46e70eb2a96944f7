/** A server whose every request follows the topic `a`. */

import { createServer } from 'node:http'
import type { ExecutionContext } from 'ava'
import type { Followers } from '../../src/http/followers.ts'
import { parsePattern } from '../../src/pubsub/pattern.ts'
import { freePort } from './free-port.ts'

/** Its port. */
export async function serveFollowers(t: ExecutionContext, followers: Followers): Promise<number> {
  const pattern = parsePattern('a')
  if (pattern === undefined) throw new Error('a is a pattern')
  const server = createServer((_request, response) => followers.open(response, pattern, 'none'))
  const port = await freePort(t)
  t.teardown(() => {
    followers.close()
    server.close()
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  return port
}
