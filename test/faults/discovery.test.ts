/** Nodes that find each other by a real DNS server: names that come, go, lie and are too many. */

import { execFile } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { parseStatus, type Status } from '../../src/http/status.ts'
import { SOURCE_ADDRESSES_MAX } from '../../src/mesh/limits.ts'
import { DnsServer } from '../helpers/dns-server.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/** Each waits several times, for pauses of seconds. */
const TEST_MS_MAX = 120_000
const SOURCE = `dns:mesh.test:${PORT}`
const NO_NAME = { source: SOURCE, problem: 'no such name in DNS' }

/** A node, and what its command `status` shows on its host. */
interface TestNode {
  readonly node: NodeProcess
  readonly status: () => Promise<Status>
  /** Asks for the name at once, and again soon: pauses have become long meanwhile. */
  readonly asksAgain: () => Promise<void>
}

async function startNode(
  t: ExecutionContext,
  dns: DnsServer,
  host: Host,
  { port = PORT, knownPeers = [SOURCE] as readonly string[] } = {},
): Promise<TestNode> {
  const runtime = dns.runtimeOn(host)
  const address = `ws://${host.ip}:${port}`
  const settings = { ADDRESS: address, LOG_LEVEL: 'debug', ...QUICK_TIMINGS }
  // As containers have it, which need no file.
  const files = { 'known-peers.json': undefined }
  const node = await NodeProcess.start(t, {
    port,
    runtime,
    files,
    settings: { ...settings, KNOWN_PEERS: knownPeers.join() },
  })
  return {
    node,
    status: () => statusOf(runtime, node),
    asksAgain: async () => {
      for (const command of ['forget', 'add-peer']) await runCommand(runtime, node, command, SOURCE)
    },
  }
}

/** What a command prints. The exit code of `status` says whether the mesh is complete. */
function runCommand(
  [program, ...before]: Runtime,
  { script }: NodeProcess,
  ...words: readonly string[]
): Promise<string> {
  return new Promise((resolve) => {
    execFile(program, [...before, script, ...words], (_error, stdout, stderr) => {
      resolve(`${stdout}${stderr}`)
    })
  })
}

/** Asks again when the machine is too busy for an answer in time. */
async function statusOf(runtime: Runtime, node: NodeProcess): Promise<Status> {
  let answer: Status | undefined
  let printed = ''
  await waitUntil(
    async () => {
      printed = await runCommand(runtime, node, 'status', '--json')
      const parsed = printed.startsWith('{') ? parseStatus(JSON.parse(printed)) : undefined
      if (parsed?.kind === 'status') answer = parsed.status
      return answer !== undefined
    },
    () => `a status, got ${printed}`,
    40_000,
  )
  return required(answer)
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('missing')
  return value
}

test.serial(
  'discovery - a name that comes later, with the own IP first, leads to one mesh',
  async (t) => {
    t.timeout(TEST_MS_MAX)
    const { hosts } = Lan.create(t, 5)
    const [server, ...others] = hosts
    const dns = await DnsServer.start(t, required(server), {})
    const [first, ...rest] = others
    const alone = await startNode(t, dns, required(first))
    await t.notThrowsAsync(alone.node.reported('source-answered', NO_NAME))
    await t.notThrowsAsync(alone.node.reported('no-answer-yet', { knownPeers: [SOURCE] }))
    const before = await alone.status()
    t.false(before.complete)
    t.is(before.summary, 'waiting for known peers')
    t.like(before.sources[0], { ...NO_NAME, found: 0 })
    // The first of them names only the node itself: it goes on waiting.
    await dns.serve({ names: { 'mesh.test': [required(first).ip] } })
    await alone.asksAgain()
    await t.notThrowsAsync(alone.node.reported('source-answered', { found: 1 }))
    t.false((await alone.status()).complete)
    await dns.serve({ names: { 'mesh.test': others.map(({ ip }) => ip) } })
    const later = await Promise.all(rest.map((host) => startNode(t, dns, host)))
    const all = [alone, ...later]
    const nodes = all.map(({ node }) => node)
    await t.notThrowsAsync(waitUntilComplete(nodes))
    for (const { status } of all) {
      const { complete, summary } = await status()
      t.deepEqual({ complete, summary }, { complete: true, summary: 'all 4 nodes connected' })
    }
    assertNoUnhandledErrors(t, nodes)
  },
)

test.serial('discovery - answers that lie, and a name that goes, disconnect nobody', async (t) => {
  t.timeout(TEST_MS_MAX)
  const { hosts } = Lan.create(t, 3)
  const [server, here, there] = hosts.map(required)
  const names = { 'mesh.test': [required(here).ip, required(there).ip] }
  const dns = await DnsServer.start(t, required(server), { names })
  const all = [
    await startNode(t, dns, required(here)),
    await startNode(t, dns, required(there)),
  ] as const
  const nodes = all.map(({ node }) => node)
  await t.notThrowsAsync(waitUntilComplete(nodes))
  const dead = '10.77.0.200'
  const forbidden = ['169.254.169.254', '127.0.0.1', '224.0.0.1', '0.0.0.0']
  await dns.serve({ names: { 'mesh.test': [...forbidden, dead] } })
  for (const { node, status, asksAgain } of all) {
    await asksAgain()
    const address = `ws://${dead}:${PORT}`
    await t.notThrowsAsync(node.reported('dial-failed', { address }))
    const { complete, peers, sources } = await status()
    t.true(complete, 'what DNS names is no member')
    t.like(sources[0], { source: SOURCE, found: 5, problem: null })
    t.is(peers.find((peer) => peer.address === address)?.state, 'gone')
  }
  await dns.serve({})
  const { node, status, asksAgain } = all[1]
  await asksAgain()
  await t.notThrowsAsync(node.reported('source-answered', NO_NAME))
  t.true((await status()).complete)
  for (const each of nodes) {
    t.deepEqual(each.eventsOf('peer-left'), [])
    const dialed = each.eventsOf('dial-failed').map(({ address }) => address)
    t.false(
      dialed.some((address) => forbidden.some((ip) => address.includes(ip))),
      dialed.join(),
    )
  }
  assertNoUnhandledErrors(t, nodes)
})

test.serial(
  'discovery - SRV records have the ports, and names that the system looks up',
  async (t) => {
    t.timeout(TEST_MS_MAX)
    const { hosts } = Lan.create(t, 3)
    const [server, here, there] = hosts.map(required)
    const knownPeers = ['srv:_mesh._tcp.mesh.test']
    const dns = await DnsServer.start(t, required(server), {
      names: { 'here.test': [required(here).ip], 'there.test': [required(there).ip] },
      services: { '_mesh._tcp.mesh.test': ['here.test,4001', 'here.test,4002', 'there.test,4003'] },
    })
    const all = await Promise.all([
      startNode(t, dns, required(here), { port: 4001, knownPeers }),
      startNode(t, dns, required(here), { port: 4002, knownPeers }),
      startNode(t, dns, required(there), { port: 4003, knownPeers }),
    ])
    const nodes = all.map(({ node }) => node)
    await t.notThrowsAsync(waitUntilComplete(nodes))
    for (const { status } of all) t.true((await status()).complete)
    assertNoUnhandledErrors(t, nodes)
  },
)

test.serial(
  'discovery - a silent DNS server holds up no other known peer, and is asked again',
  async (t) => {
    t.timeout(TEST_MS_MAX)
    const { hosts } = Lan.create(t, 4)
    const [server, here, there, named] = hosts.map(required)
    const sources = [SOURCE, 'srv:_mesh._tcp.mesh.test']
    const dns = await DnsServer.start(t, required(server), {
      names: { 'mesh.test': [required(named).ip] },
      services: { '_mesh._tcp.mesh.test': ['mesh.test,4001'] },
    })
    dns.pause()
    const other = await startNode(t, dns, required(there), { knownPeers: [] })
    const third = await startNode(t, dns, required(named), { knownPeers: [] })
    const { node, status } = await startNode(t, dns, required(here), {
      knownPeers: [...sources, other.node.address],
    })
    await t.notThrowsAsync(node.reported('peer-joined', { address: other.node.address }))
    for (const source of sources) {
      const problem = 'no answer from the DNS server'
      await t.notThrowsAsync(node.reported('source-answered', { source, problem }))
    }
    t.true((await status()).complete, 'a source that gives nothing does not make it wait')
    dns.resume()
    await t.notThrowsAsync(waitUntilComplete([node, other.node, third.node]))
    for (const source of sources) {
      await t.notThrowsAsync(node.reported('source-answered', { source, found: 1 }))
    }
    assertNoUnhandledErrors(t, [node, other.node, third.node])
  },
)

test.serial('discovery - of a thousand addresses 256 are tried at once', async (t) => {
  t.timeout(TEST_MS_MAX)
  const { hosts } = Lan.create(t, 3)
  const [server, here, there] = hosts.map(required)
  const live = [required(here).ip, required(there).ip]
  const dead = Array.from(
    { length: 1_000 },
    (_, index) => `10.99.${Math.floor(index / 250)}.${(index % 250) + 1}`,
  )
  const dns = await DnsServer.start(t, required(server), { names: { 'mesh.test': dead } })
  const one = await startNode(t, dns, required(here))
  await t.notThrowsAsync(one.node.reported('source-answered', { found: 1_000 }))
  const dialed = (): ReadonlySet<string> =>
    new Set(one.node.eventsOf('dial-failed').map(({ address }) => address))
  await waitUntil(
    () => dialed().size >= SOURCE_ADDRESSES_MAX,
    () => `${dialed().size} dials`,
  )
  t.false((await one.status()).complete)
  await dns.serve({ names: { 'mesh.test': live } })
  const two = await startNode(t, dns, required(there))
  await t.notThrowsAsync(waitUntilComplete([one.node, two.node]))
  t.true((await one.status()).complete)
  assertNoUnhandledErrors(t, [one.node, two.node])
})
