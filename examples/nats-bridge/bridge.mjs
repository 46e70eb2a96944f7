// Topics of a mesh to and from a stream of NATS JetStream, which keeps them for months, and which
// joins several meshes. `npm ci --prefix examples/nats-bridge` and `nats-server -js`, then
// `npm run example examples/nats-bridge/bridge.mjs berlin 4101 ws://localhost:4001`.
//
// The topic `orders.new` of the mesh `berlin` is the subject `mesh.berlin.orders.new` in the
// stream, and what others put there, such as `mesh.paris.orders.new`, is the topic
// `from.paris.orders.new.7` here: 7 is its number in the stream. Topics that begin with `from.` and
// subjects that begin with `mesh.berlin.` stay where they are, so nothing goes around in circles.
//
// At least once, both ways, through any crash of this program and of nats-server. Once, while an
// outage is shorter than the log of the mesh and the duplicate window of the stream, 10 minutes
// each. Between machines that takes a SECRET, as the peers have then what a killed bridge sent.
//
// TOPICS is a pattern of what goes out, NATS where nats-server is, FOLDER where this program stores
// how far it has got. Two bridges of one mesh may run, each with its own FOLDER.

import { setTimeout as delay } from 'node:timers/promises'
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { connect, headers, nanos } from '@nats-io/transport-node'
import { MeshNode } from 'fullmesh'

const STREAM = 'fullmesh'
const JSON_TYPE = 'application/json'
const BYTES_TYPE = 'application/octet-stream'
const RETRY_MS = 500
/** How long the log of a mesh keeps a message unless the nodes have other settings. */
const LOG_MS = 600_000
/** What is not acknowledged for so long is sent again, either way. */
const ACK_WAIT_MS = 2_000
/** How long it may take until this node has from its peers what a killed bridge sent them. */
const START_MS = 3_000
/** The messages of the stream that are remembered; JetStream has 1,000 on their way at most. */
const CROSSED_MAX = 100_000

const [name, port, ...knownPeers] = process.argv.slice(2)
const { FOLDER, MESH, NATS = 'localhost:4222', SECRET, TOPICS = '>' } = process.env
const node = new MeshNode({
  port: Number(port),
  knownPeers,
  mesh: MESH,
  secret: SECRET,
  data: { role: 'nats-bridge' },
  messages: { folder: FOLDER ?? `bridge-${name}` },
})

/** Repeats what fails, until NATS does it. */
async function insist(what, action) {
  for (;;) {
    try {
      return await action()
    } catch (error) {
      console.error(`${what}: ${error.message}`)
      await delay(RETRY_MS)
    }
  }
}

// --- From the mesh to the stream -----------------------------------------------------------------

async function send({ body, feed, seq, topic }) {
  if (topic.startsWith('from.')) return
  const isBytes = body instanceof Uint8Array
  const head = headers()
  head.set('Content-Type', isBytes ? BYTES_TYPE : JSON_TYPE)
  // The stream stores one of two messages with the same id.
  const options = { msgID: `${feed}:${seq}`, headers: head, timeout: ACK_WAIT_MS }
  const payload = isBytes ? body : JSON.stringify(body)
  const subject = `mesh.${name}.${topic}`
  await insist(subject, () => jetstream(nats).publish(subject, payload, options))
}

// --- From the stream to the mesh -----------------------------------------------------------------

/** The numbers in the stream of what is in this mesh, whichever bridge took it there. */
const crossed = new Set()

function noteCrossed(number) {
  crossed.add(number)
  if (crossed.size > CROSSED_MAX) crossed.delete(crossed.values().next().value)
}

function bodyOf(message) {
  const type = message.headers?.get('Content-Type')
  if (type === BYTES_TYPE) return message.data
  return type === JSON_TYPE ? message.json() : message.string()
}

async function take(message) {
  const { seq, subject } = message
  const isOwn = subject.startsWith(`mesh.${name}.`)
  // A killed bridge may have taken it to the mesh before it could acknowledge it.
  if (!isOwn && !crossed.has(seq)) {
    noteCrossed(seq)
    try {
      await node.publishDurable(`from.${subject.slice('mesh.'.length)}.${seq}`, bodyOf(message))
    } catch (error) {
      if (error.code === 'DATA_FAILED') throw error
      // No JSON, or too large for the mesh: it would be so the next time, too.
      console.error(`${subject}, number ${seq}: ${error.message}`)
      return message.term()
    }
  }
  message.ack()
}

async function receive() {
  const consumer = await jetstream(nats).consumers.get(STREAM, `bridge-${name}`)
  for await (const message of await consumer.consume()) void take(message)
}

// --- Both ----------------------------------------------------------------------------------------

const nats = await connect({ servers: NATS, maxReconnectAttempts: -1, waitOnFirstConnect: true })
await insist('stream', async () => {
  const { consumers, streams } = await jetstreamManager(nats)
  const subjects = ['mesh.>']
  await streams.add({ name: STREAM, subjects, duplicate_window: nanos(LOG_MS) }).catch((error) => {
    // It is there, with settings of its own.
    if (error.code !== 10058) throw error
  })
  const durable = `bridge-${name}`
  const ack = { ack_policy: AckPolicy.Explicit, ack_wait: nanos(ACK_WAIT_MS) }
  await consumers.add(STREAM, { durable_name: durable, ...ack })
})
// Before the start: a node without a named subscription asks peers for nothing that is older.
const onGap = ({ first, from, last }) => console.error(`lost: ${first} to ${last} of ${from}`)
node.subscribe(TOPICS, send, { name: 'jetstream', onGap })
const note = ({ topic }) => noteCrossed(Number(topic.split('.').at(-1)))
node.subscribe('from.>', note, { history: 'kept' })
await node.start()
console.log(`listening on ${node.address}, bridging to ${nats.getServer()}`)
process.once('SIGINT', () => node.stop().then(() => process.exit()))
await delay(START_MS)
for (;;) await insist('consumer', receive)
