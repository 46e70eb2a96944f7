/** A client of one nats-server, on which all workers publish and subscribe. */

import { connect } from '@nats-io/transport-node'

const SUBJECT = 'bench'

/** @type {import('../../messages/transport.ts').Open} */
export const open = async ({ serverPort }, deliver) => {
  const client = await connect({ servers: `127.0.0.1:${serverPort}`, noEcho: true })
  client.subscribe(SUBJECT, { callback: (_error, message) => deliver(message.json()) })
  return {
    // The server has taken the subscription.
    connect: () => client.flush(),
    publish: (body) => client.publish(SUBJECT, JSON.stringify(body)),
  }
}
