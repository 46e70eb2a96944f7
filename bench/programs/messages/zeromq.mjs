/** ZeroMQ: each publisher has a socket of its own, to which all others subscribe. */

import { Subscriber, XPublisher } from 'zeromq'

/** Nothing is dropped: the bench bounds what is on its way. */
const UNLIMITED = 0

/** @type {import('../../messages/transport.ts').Open} */
export const open = async ({ index, ports, publishers }, deliver) => {
  const isPublisher = publishers.includes(index)
  const publisher = isPublisher
    ? new XPublisher({ sendHighWaterMark: UNLIMITED, verbosity: 'allSubs' })
    : undefined
  await publisher?.bind(`tcp://127.0.0.1:${ports[index]}`)
  const subscriber = new Subscriber({ receiveHighWaterMark: UNLIMITED })
  const queue = []
  let isSending = false
  // A socket sends one message at a time.
  const sendAll = async () => {
    isSending = true
    for (let at = 0; at < queue.length; at += 1) await publisher.send(queue[at])
    queue.length = 0
    isSending = false
  }
  let subscribers = 0
  const read = async () => {
    for await (const [bytes] of subscriber) deliver(JSON.parse(bytes.toString()))
  }
  let hasConnected = false
  return {
    async connect(indices) {
      if (!hasConnected) {
        hasConnected = true
        subscriber.subscribe('')
        for (const other of publishers) {
          if (other !== index) subscriber.connect(`tcp://127.0.0.1:${ports[other]}`)
        }
        read()
      }
      while (publisher !== undefined && subscribers < indices.length - 1) {
        await publisher.receive()
        subscribers += 1
      }
    },
    publish(body) {
      queue.push(JSON.stringify(body))
      if (!isSending) sendAll()
    },
  }
}
