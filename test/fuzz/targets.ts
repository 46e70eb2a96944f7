/**
 * What is fuzzed: all code that reads input from peers, and what must hold for any input.
 */

import fc from 'fast-check'
import { type Address, hostOf, parseAddress } from '../../src/mesh/address/address.ts'
import { admitsAddress, learnedPolicyFor } from '../../src/mesh/address/scope.ts'
import {
  ADDRESS_BYTES_MAX,
  FRAME_BYTES_MAX,
  HANDSHAKE_ADDRESSES_MAX,
} from '../../src/mesh/limits.ts'
import type { RequestInput } from '../../src/requests/outputs.ts'
import { Requests } from '../../src/requests/requests.ts'
import { decode, encode } from '../../src/wire/codec.ts'
import { isPubSubType } from '../../src/wire/feed-codec.ts'
import type { PubSubMessage } from '../../src/wire/feed-messages.ts'
import { type Headers, headersOf, identityIn } from '../../src/wire/headers.ts'
import type { Message } from '../../src/wire/messages.ts'
import { isRequestType } from '../../src/wire/request-codec.ts'
import type { AnyRequestMessage } from '../../src/wire/request-messages.ts'
import {
  anyAddress,
  anyDraw,
  anyFacts,
  anyFrameText,
  anyHeaders,
  anyRequestText,
  type Fact,
  hexDigits,
} from '../helpers/arbitraries.ts'
import { address, at } from '../helpers/core.ts'
import { expect, World } from '../helpers/world.ts'

/** One thing that is fuzzed. */
export interface Target {
  readonly name: string
  /** Throws for an input for which something does not hold. */
  readonly property: fc.IProperty<[unknown]>
}

/** The life of a core: facts before and after its stop. */
export interface Life {
  readonly own: Address
  readonly facts: readonly Fact[]
  /** Random numbers, drawn one after the other and over again. */
  readonly draws: readonly number[]
  readonly factsAfterStop: readonly Fact[]
}

// --- What must hold. Each of these throws when it does not. --------------------------------------

/** Of a frame. */
export function checkFrame(text: string): void {
  const decoded = decode({ kind: 'text', text }, HANDSHAKE_ADDRESSES_MAX)
  if (decoded.kind !== 'message' || !isOfMesh(decoded.message)) return
  const addresses = addressesIn(decoded.message)
  expect(addresses.length <= HANDSHAKE_ADDRESSES_MAX, 'too many addresses')
  expect(
    addresses.every((entry) => typeof entry === 'string'),
    'an address that is no text',
  )
  const again = decode({ kind: 'text', text: encode(decoded.message) }, HANDSHAKE_ADDRESSES_MAX)
  expect(isSame(again, decoded), 'a message that is encoded again is another one')
}

function isOfMesh(message: Message | PubSubMessage | AnyRequestMessage): message is Message {
  return !isPubSubType(message.type) && !isRequestType(message.type)
}

function addressesIn(message: Message): readonly string[] {
  switch (message.type) {
    case 'HANDSHAKE':
      return message.data
    case 'LINKS':
      return message.data.connected ?? []
    case 'LINKS_REQUEST':
    case 'NODE_DATA':
      return []
    default:
      return message satisfies never
  }
}

/** Of a node that takes requests, whatever a peer sends and whatever it asks itself. */
export function checkRequests(texts: readonly string[]): void {
  const core = new Requests({ find: (to) => to, drawSeries: () => 'f'.repeat(32) })
  const link = 1
  const open = new Set<number>()
  const input = (fact: RequestInput, nowMs: number): void => {
    for (const output of core.handle(fact, nowMs)) {
      if (output.kind === 'send') {
        expect(output.link === link, 'a frame for another link')
        expect(decode({ kind: 'text', text: output.text }, 0).kind === 'message', output.text)
      } else if (output.kind === 'settle') expect(open.delete(output.id), 'it ends twice')
      else if (output.kind === 'run') {
        const reply = { kind: 'refusal', error: 'NO_RESPONDER', text: '' } as const
        input({ kind: 'replied', call: output.call, reply }, nowMs)
      }
    }
  }
  input({ kind: 'link-ready', link, peer: 'peer', verified: true }, 0)
  for (const [id, text] of texts.entries()) {
    open.add(id)
    const question = { kind: 'json', text: '1', topic: 'a', bytes: 2 } as const
    input({ kind: 'asked', id, to: 'peer', question, timeoutMs: 5 }, id)
    const decoded = decode({ kind: 'text', text }, 0)
    if (decoded.kind !== 'message') continue
    const { message } = decoded
    if (isOfMesh(message) || isPubSubMessage(message)) continue
    input({ kind: 'request-received', link, message, chars: text.length }, id)
  }
  input({ kind: 'deadline' }, texts.length + 5)
  expect(open.size === 0, 'a request that does not end')
}

function isPubSubMessage(message: PubSubMessage | AnyRequestMessage): message is PubSubMessage {
  return isPubSubType(message.type)
}

/** Of what is taken for an address. */
export function checkAddress(input: unknown): void {
  const parsed = parseAddress(input)
  if (parsed.kind === 'rejected') return
  const canonical = parsed.address
  expect(isSame(parseAddress(canonical), parsed), `${canonical} is not canonical`)
  expect(canonical.length <= ADDRESS_BYTES_MAX, 'too long')
  expect(/^wss?:\/\/[\x21-\x7e]+$/.test(canonical), 'holds what no URL holds')
  const { host, port, username, password, search, hash } = new URL(canonical)
  expect(host !== '' && !/\.$/.test(hostOf(canonical)), 'no good host')
  expect(port !== '0', 'port 0')
  expect(`${username}${password}${search}${hash}` === '', 'more than an address')
  expect(JSON.stringify(canonical).length === canonical.length + 2, 'longer in JSON')
  const admitting = (['loopback', 'network'] as const).filter((policy) =>
    admitsAddress(policy, canonical),
  )
  expect(admitting.length < 2, `${canonical} is admitted on loopback and on a network`)
  learnedPolicyFor(canonical)
}

/** Of the headers of an upgrade. */
export function checkHeaders(headers: Headers): void {
  const identity = identityIn(headers)
  if (identity === undefined) return
  expect(
    identity.address !== '' && identity.mesh !== '',
    'an identity without an address or a mesh',
  )
  const written = Object.entries(headersOf(identity)).map(([name, value]) => [
    name.toLowerCase(),
    value,
  ])
  expect(
    isSame(identityIn(Object.fromEntries(written)), identity),
    'an identity that is written and read again is another one',
  )
}

/** Of a core, whatever happens to it. */
export function checkLife({ own, facts, draws, factsAfterStop }: Life): void {
  let drawn = 0
  const draw = (): number => {
    drawn += 1
    return draws[drawn % draws.length] ?? 0
  }
  const world = new World(draw, own)
  for (const fact of facts) world.apply(fact)
  world.stop()
  for (const fact of factsAfterStop) world.apply(fact)
}

/** Of a core to which many peers send as much as is allowed, and a little more. */
export function checkCrowd(handshakes: readonly (readonly string[])[]): void {
  const world = new World(() => 0.5)
  for (const data of handshakes) {
    const text = encode({ type: 'HANDSHAKE', data })
    expect(text.length <= FRAME_BYTES_MAX, 'a HANDSHAKE does not fit a frame')
    world.apply({ kind: 'accept', identity: undefined })
    world.apply({ kind: 'receive', pick: world.node.linkIds.length - 1, text })
    world.apply({ kind: 'fail', pick: 0 })
  }
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

// --- Inputs --------------------------------------------------------------------------------------

/** Half of them with a valid id and version, so that the other headers are read, too. */
const headers = fc.oneof(
  anyHeaders,
  fc.tuple(anyHeaders, hexDigits(32)).map(([others, id]) => {
    return { 'mesh-version': '1', 'mesh-name': 'm', 'mesh-address': 'a', ...others, 'mesh-id': id }
  }),
)

const life: fc.Arbitrary<Life> = fc.record({
  own: fc.constantFrom(at(4001), address('ws://192.168.0.9:4001')),
  facts: anyFacts(150),
  draws: fc.array(anyDraw, { minLength: 1, maxLength: 10 }),
  factsAfterStop: anyFacts(5),
})

const crowd = fc.array(
  fc
    .tuple(fc.nat(9_000), fc.nat(HANDSHAKE_ADDRESSES_MAX + 1))
    .map(([from, count]) => Array.from({ length: count }, (_, n) => at(10_000 + from + n))),
  { maxLength: 20 },
)

/** Everything that is fuzzed. */
export const TARGETS: readonly Target[] = [
  { name: 'frames', property: fc.property(anyFrameText, checkFrame) },
  { name: 'requests', property: fc.property(fc.array(anyRequestText), checkRequests) },
  { name: 'addresses', property: fc.property(anyAddress, checkAddress) },
  { name: 'headers', property: fc.property(headers, checkHeaders) },
  { name: 'core', property: fc.property(life, checkLife) },
  { name: 'crowd', property: fc.property(crowd, checkCrowd) },
]
