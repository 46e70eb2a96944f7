/**
 * The core at one piece of work, again and again, to count instructions: no sockets, no
 * clock, no chance.
 *
 *     node core.js TASK TIMES
 */

import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import { DEFAULT_TIMINGS } from '../../src/mesh/timings.ts'
import { type Identity, PROTOCOL_VERSION, parseMeshId } from '../../src/wire/headers.ts'

/** The most that a HANDSHAKE can name. */
const ADDRESSES = 1000

const PEER_PORT = 5000

/** A peer that sends more is disconnected, see READ_PER_SECOND in src/mesh/limits.ts. */
const APART_MS = 1_000_000

const TASKS: Readonly<Record<string, (times: number) => void>> = {
  /** A core is made, a peer's link comes up, and each side has sent HANDSHAKE. */
  handshake(times) {
    const text = handshakeOf([at(PEER_PORT)])
    for (let time = 0; time < times; time += 1) receive(linkedMesh(), text)
  },
  /** The same, and the peer names a thousand addresses that are new to us. */
  learn(times) {
    const text = handshakeOf(addresses())
    for (let time = 0; time < times; time += 1) receive(linkedMesh(), text)
  },
  /** One link sends the same thousand addresses again and again. */
  repeat(times) {
    const text = handshakeOf(addresses())
    const mesh = linkedMesh()
    for (let time = 0; time < times; time += 1) receive(mesh, text, APART_MS * time)
  },
}

const [task = '', times = ''] = process.argv.slice(2)
const work = TASKS[task]
if (work === undefined) throw new Error(`task must be of ${Object.keys(TASKS)}, got '${task}'`)
work(Number(times))

function linkedMesh(): Mesh {
  const mesh = new Mesh({
    identity: identityAt(4001),
    ownAddresses: [at(4001)],
    knownPeers: [],
    timings: DEFAULT_TIMINGS,
    runtime: '',
    random: () => 0.5,
  })
  mesh.handle({ kind: 'started' }, 0)
  const identity = identityAt(PEER_PORT)
  mesh.handle({ kind: 'link-accepted', link: 1, remote: '127.0.0.1:1', identity }, 0)
  return mesh
}

function receive(mesh: Mesh, text: string, nowMs = 0): void {
  mesh.handle(
    { kind: 'frame-received', link: 1, frame: { kind: 'text', text }, bytes: text.length },
    nowMs,
  )
}

function addresses(): readonly Address[] {
  return Array.from({ length: ADDRESSES }, (_none, index) => at(PEER_PORT + index))
}

function handshakeOf(data: readonly Address[]): string {
  return JSON.stringify({ type: 'HANDSHAKE', data })
}

function identityAt(port: number): Identity {
  const id = parseMeshId(port.toString(16).padStart(32, '0'))
  if (id === undefined) throw new Error('a port makes an id')
  return {
    version: PROTOCOL_VERSION,
    mesh: 'bench',
    id,
    address: at(port),
    code: '',
    messages: false,
  }
}

function at(port: number): Address {
  const parsed = parseAddress(`ws://localhost:${port}`)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}
