/** A driver for tests: with a core whose outputs a test sets, and with real sockets. */

import type { ExecutionContext } from 'ava'
import type { WebSocket } from 'ws'
import { Driver, type DriverOptions } from '../../src/io/driver.ts'
import { Server } from '../../src/io/server.ts'
import { Counters } from '../../src/mesh/counters.ts'
import type { Input } from '../../src/mesh/inputs.ts'
import type { Output } from '../../src/mesh/outputs.ts'
import { PubSub } from '../../src/pubsub/pubsub.ts'
import { RawCall, UPGRADE_REQUEST } from './caller.ts'
import { identityAt } from './core.ts'
import { freePort } from './free-port.ts'
import { waitUntil } from './wait-until.ts'

/** A core that records its inputs, and returns the outputs that a test sets. */
class FakeCore {
  readonly inputs: Input[] = []
  readonly counted = new Counters()
  wakeAtMs: number | undefined
  onInput: (input: Input) => readonly Output[] = () => []

  handle(input: Input): readonly Output[] {
    this.inputs.push(input)
    if (input.kind === 'deadline') this.wakeAtMs = undefined
    return this.onInput(input)
  }

  deadlineMs(): number | undefined {
    return this.wakeAtMs
  }

  counters(): Counters {
    return this.counted
  }

  get kinds(): readonly string[] {
    return this.inputs.map(({ kind }) => kind)
  }

  async input<Kind extends Input['kind']>(kind: Kind): Promise<Extract<Input, { kind: Kind }>> {
    const find = () =>
      this.inputs.find((input): input is Extract<Input, { kind: Kind }> => input.kind === kind)
    await waitUntil(
      () => find() !== undefined,
      () => `${kind}, got ${this.kinds}`,
    )
    const input = find()
    if (input === undefined) throw new Error('unreachable')
    return input
  }
}

export function sending(link: number, text: string, canWait = false): Output {
  return { kind: 'send', type: 'HANDSHAKE', link, text, canWait }
}

/** A driver whose server is at `address`. The first socket that it accepts is link 1. */
export async function drive(t: ExecutionContext, options: Partial<DriverOptions> = {}) {
  const core = new FakeCore()
  const port = await freePort(t)
  const sockets: WebSocket[] = []
  const driver = new Driver({
    mesh: core,
    dialer: { dial: () => {} },
    pubsub: new PubSub({ feed: 'f', takesRelayed: false, nowMs: 0, random: () => 0 }),
    requests: { own: 'f', find: () => undefined, drawSeries: () => '', onOutput: () => {} },
    onEvent: () => {},
    onMessages: () => {},
    ...options,
  })
  const server = new Server({
    problemWithPage: () => undefined,
    identity: identityAt(port),
    hosts: ['127.0.0.1'],
    port,
    portSource: 'the test',
    requestTimeoutMs: 60_000,
    onLink: (socket, facts) => {
      t.teardown(() => socket.terminate())
      sockets.push(socket)
      driver.accept(socket, facts)
    },
    onNoDescriptors: () => {},
    onCrowded: () => {},
  })
  t.teardown(() => server.close())
  await server.listen()
  return { core, driver, port, sockets, address: `ws://127.0.0.1:${port}` }
}

/** A connection upgraded to WebSocket that from then on sends only what a test writes. */
export async function rawPeer(t: ExecutionContext, port: number): Promise<RawCall> {
  const peer = await RawCall.open(t, port, UPGRADE_REQUEST)
  await waitUntil(
    () => peer.received.includes('\r\n\r\n'),
    () => `an upgrade, got ${peer.received}`,
  )
  return peer
}
