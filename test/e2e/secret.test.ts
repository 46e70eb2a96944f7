/** Meshes with a secret, as processes: who gets in, what both logs say, and how it is changed. */

import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePorts } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { type NodeOptions, NodeProcess } from '../helpers/node-process.ts'
import { PlainPeer } from '../helpers/plain-peer.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = `fm1_${'S'.repeat(43)}`
const OTHER = 'a secret that somebody has made up for the other mesh'

/** Writes the file of a node's secrets, which only its owner may read. */
function setSecrets({ folder }: NodeProcess, ...secrets: readonly string[]): void {
  writeFileSync(join(folder, 'secret'), `${secrets.join('\n')}\n`)
  chmodSync(join(folder, 'secret'), 0o600)
}

/** Nodes that know the first of them, with these secrets; undefined for none. */
async function nodesWith(
  t: ExecutionContext,
  secrets: readonly (string | undefined)[],
  options: NodeOptions = {},
): Promise<readonly NodeProcess[]> {
  const ports = await freePorts(t, secrets.length)
  const knownPeers = [`ws://localhost:${ports[0]}`]
  const nodes = await Promise.all(
    ports.map((port) =>
      NodeProcess.create(t, { settings: QUICK_TIMINGS, ...options, port, knownPeers }),
    ),
  )
  for (const [index, secret] of secrets.entries()) {
    const node = nodes[index]
    if (secret !== undefined && node !== undefined) setSecrets(node, secret)
  }
  return nodes
}

function outputOf(nodes: readonly NodeProcess[]): string {
  return nodes.map(({ output }) => output).join('\n')
}

function assertSecretsAreHidden(t: ExecutionContext, text: string): void {
  for (const secret of [SECRET, OTHER]) t.false(text.includes(secret))
}

test.serial('secret - nodes that have it are one mesh, and show it nowhere', async (t) => {
  const nodes = await nodesWith(t, [SECRET, SECRET, SECRET], { settings: { LOG_LEVEL: 'debug' } })
  await Promise.all(nodes.map((node) => node.start()))
  await waitUntilComplete(nodes)
  const [node] = nodes
  const status = await fetch(`http://localhost:${node?.port}/peers`)
  const metrics = await fetch(`http://localhost:${node?.port}/metrics`)
  assertSecretsAreHidden(t, `${outputOf(nodes)}${await status.text()}${await metrics.text()}`)
  for (const each of nodes) {
    const [{ keys } = { keys: [] }] = each.eventsOf('secret-used')
    t.regex(keys.join(), /^[0-9a-f]{8}$/)
  }
  assertNoUnhandledErrors(t, nodes)
})

test.serial('secret - whoever publishes through a proxy needs its token', async (t) => {
  const [node, member, stranger] = await nodesWith(t, [SECRET, SECRET, OTHER], {
    settings: { TOPICS_ALLOW: '127.0.0.1,::1' },
  })
  if (!node || !member || !stranger) return t.fail()
  await node.start()
  const { stdout } = await member.run({ args: ['secret', '--token'] })
  const statusWith = async (headers: Readonly<Record<string, string>>): Promise<number> => {
    const url = `http://localhost:${node.port}/topics/a`
    return (await fetch(url, { method: 'POST', body: 'hello', headers })).status
  }
  const bearer = `Bearer ${stdout.trim()}`
  const other = (await stranger.run({ args: ['secret', '--token'] })).stdout.trim()
  t.is(await statusWith({}), 201)
  t.is(await statusWith({ Via: 'proxy', Authorization: bearer }), 201)
  t.is(await statusWith({ Via: 'proxy' }), 401)
  t.is(await statusWith({ Via: 'proxy', Authorization: `Bearer ${other}` }), 401)
  assertSecretsAreHidden(t, `${node.output}${stdout}`)
  t.false(node.output.includes(stdout.trim()))
})

test.serial('secret - has no token where there is none', async (t) => {
  const [node] = await nodesWith(t, [undefined])
  const { code, stderr = '' } = (await node?.run({ args: ['secret', '--token'] })) ?? {}
  t.is(code, 2)
  t.regex(stderr, /has no secret; create the file with the command secret --write/)
})

const STRANGERS = [
  { title: 'with another secret', secret: OTHER, inside: 'differs', outside: 'differs' },
  {
    title: 'without a secret',
    secret: undefined,
    inside: 'missing-there',
    outside: 'missing-here',
  },
] as const

for (const { title, secret, inside, outside } of STRANGERS) {
  test.serial(
    `secret - a node ${title} stays outside, whoever dials, and both logs say so once`,
    async (t) => {
      const [known, member, stranger] = await nodesWith(t, [SECRET, SECRET, secret], {
        settings: { ...QUICK_TIMINGS, LOG_LEVEL: 'debug' },
      })
      if (!known || !member || !stranger) return t.fail()
      await known.start()
      await member.start()
      await waitUntilComplete([known, member])
      await stranger.start()
      await stranger.reported('secret-problem', { peer: known.address, problem: outside })
      await known.reported('secret-problem', { peer: 'localhost', problem: inside })
      // It is dialed again and again, and dialed by a member, too.
      await stranger.reported('dial-failed', { address: known.address })
      await known.stop()
      const other = await NodeProcess.create(t, {
        knownPeers: [stranger.address],
        settings: QUICK_TIMINGS,
      })
      setSecrets(other, SECRET)
      await other.start()
      await other.reported('secret-problem', { peer: stranger.address, problem: inside })
      await waitUntil(
        () => stranger.eventsOf('dial-failed').length > 5,
        () => `five dials in vain\n${stranger.output}`,
      )
      t.is(stranger.connected, 0)
      const lines = stranger.eventsOf('secret-problem').map(({ peer }) => peer)
      t.deepEqual(lines, [...new Set(lines)])
      t.is(known.eventsOf('secret-problem').length, 1)
      assertSecretsAreHidden(t, outputOf([known, member, stranger, other]))
      assertNoUnhandledErrors(t, [member, stranger, other])
    },
  )
}

test.serial(
  'secret - plain peers stay outside, whoever dials, and the log says so once',
  async (t) => {
    const [node] = await nodesWith(t, [SECRET])
    if (node === undefined) return t.fail()
    await node.start()
    const peer = await PlainPeer.start(t, { knownPeers: [node.address] })
    await node.reported('secret-problem', { peer: 'localhost', problem: 'missing-there' })
    await waitUntil(
      () => peer.attemptingToConnectToAddress.length === 0,
      () => 'the end of its dial',
    )
    t.deepEqual(peer.connectedAddresses, [])
    const caller = await NodeProcess.create(t, {
      knownPeers: [peer.address],
      settings: QUICK_TIMINGS,
    })
    setSecrets(caller, SECRET)
    await caller.start()
    await caller.reported('secret-problem', { peer: peer.address, problem: 'missing-there' })
    const [call] = peer.calls
    t.deepEqual(await call?.closed(), { code: 4010, reason: 'wrong secret' })
    t.deepEqual(call?.frames, [])
    const names = Object.keys(call?.headers ?? {}).filter((name) => name.startsWith('mesh-'))
    t.deepEqual(names, ['mesh-auth'])
    t.is(caller.connected, 0)
    t.is(node.eventsOf('secret-problem').length, 1)
  },
)

test.serial('secret - check proves it, and names a peer with another one', async (t) => {
  const [known, node] = await nodesWith(t, [SECRET, SECRET])
  if (!known || !node) return t.fail()
  await known.start()
  t.regex(
    (await node.run({ args: ['check'] })).stdout,
    new RegExp(`ok +${known.address} +same code`),
  )
  t.is(known.connected, 0)
  setSecrets(node, OTHER)
  const { code, stdout } = await node.run({ args: ['check'] })
  t.is(code, 1)
  t.regex(stdout, new RegExp(`problem +${known.address} +has another secret`))
  assertSecretsAreHidden(t, stdout)
})

test.serial(
  'secret - is changed in three steps; no connection ends before the old one is removed',
  async (t) => {
    const nodes = await nodesWith(t, [SECRET, SECRET, SECRET])
    await Promise.all(nodes.map((node) => node.start()))
    await waitUntilComplete(nodes)
    for (const secrets of [
      [SECRET, OTHER],
      [OTHER, SECRET],
    ]) {
      const before = nodes.map((node) => node.eventsOf('secret-used').length)
      // One after the other, as an operator does it.
      for (const [index, node] of nodes.entries()) {
        setSecrets(node, ...secrets)
        await waitUntil(
          () => node.eventsOf('secret-used').length > (before[index] ?? 0),
          () => `another secret\n${node.output}`,
        )
      }
    }
    for (const node of nodes) t.deepEqual(node.eventsOf('peer-left'), [], node.output)
    const newcomer = await NodeProcess.create(t, {
      knownPeers: nodes.map(({ address }) => address),
      settings: QUICK_TIMINGS,
    })
    setSecrets(newcomer, OTHER)
    await newcomer.start()
    await waitUntilComplete([...nodes, newcomer])

    for (const node of nodes) setSecrets(node, OTHER)
    await waitUntil(
      () => nodes.every((node) => node.eventsOf('secret-used').length === 4),
      () => `one secret\n${outputOf(nodes)}`,
    )
    await waitUntil(
      () => nodes.every((node) => node.eventsOf('peer-left').length === 2),
      () => `the end of what the old secret made\n${outputOf(nodes)}`,
    )
    await waitUntilComplete([...nodes, newcomer])
    t.deepEqual(newcomer.eventsOf('peer-left'), [])
    for (const node of nodes) t.deepEqual(node.eventsOf('secret-problem'), [], node.output)
    assertNoUnhandledErrors(t, nodes)
  },
)

test.serial(
  'secret - a file that is gone or wrong changes nothing, and is warned about',
  async (t) => {
    const nodes = await nodesWith(t, [SECRET, SECRET])
    const [node] = nodes
    if (node === undefined) return t.fail()
    await Promise.all(nodes.map((each) => each.start()))
    await waitUntilComplete(nodes)
    setSecrets(node, 'short')
    await waitUntil(
      () => node.eventsOf('warning').some(({ text }) => /stays as it was: .* of 5 char/.test(text)),
      () => `a warning\n${node.output}`,
    )
    t.is(node.connected, 1)
    t.is(node.eventsOf('secret-used').length, 1)
  },
)
