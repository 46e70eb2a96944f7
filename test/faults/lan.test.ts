/**
 * Nodes that find each other on a network by multicast, with no address configured; and what they
 * say where that fails. Each test waits for announcements, whose pauses are seconds.
 */

import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import test, { type ExecutionContext } from 'ava'
import { LAN_GROUP, LAN_PORT } from '../../src/discovery/limits.ts'
import { endChild } from '../helpers/end-child.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const SECRET = 'a secret of more than 32 characters, the first'
const OTHER_SECRET = 'a secret of more than 32 characters, another one'

const NOBODY = 'no other node has announced itself yet'
const FOREIGN = 'only nodes of another mesh, or with another secret, have announced themselves'

/** How long a program may take to have the port, in ms. */
const TAKES_MS_MAX = 20_000

function startNode(t: ExecutionContext, { runtime }: Host, port: number, secret: string) {
  const settings = { KNOWN_PEERS: 'lan', SECRET: secret, LOG_LEVEL: 'debug', ...QUICK_TIMINGS }
  const files = { 'known-peers.json': undefined }
  return NodeProcess.start(t, { port, runtime, files, settings })
}

/** The words that run a program on a host. */
function wordsOn({ runtime }: Host): readonly [string, ...string[]] {
  const [program, ...words] = runtime
  return [program, ...words.slice(0, -1)]
}

function runOn(host: Host, words: readonly string[], input = ''): string {
  const [program, ...before] = wordsOn(host)
  return execFileSync(program, [...before, ...words], { input, encoding: 'utf8', stdio: 'pipe' })
}

/** Asks for `lan` at once. */
async function askAgain(host: Host, node: NodeProcess): Promise<void> {
  for (const command of ['forget', 'add-peer']) await runCommand(host, node, command, 'lan')
}

/** What a command prints, whatever its exit code is. */
function runCommand(host: Host, { script }: NodeProcess, ...words: readonly string[]) {
  const [program, ...before] = wordsOn(host)
  return new Promise<string>((resolve) => {
    execFile(program, [...before, process.execPath, script, ...words], (_error, stdout) =>
      resolve(stdout),
    )
  })
}

/** Sends datagrams to the group from a host. */
function send(host: Host, datagrams: readonly string[]): void {
  const script = `
    const socket = require('node:dgram').createSocket('udp4')
    socket.bind(0, async () => {
      socket.setMulticastInterface('${host.ip}')
      for (const text of ${JSON.stringify(datagrams)}) {
        await new Promise((sent) => socket.send(text, ${LAN_PORT}, '${LAN_GROUP}', sent))
      }
      socket.close()
    })`
  runOn(host, [process.execPath, '-e', script])
}

/** A program on a host that has the port for itself. */
async function takePort(t: ExecutionContext, host: Host): Promise<ChildProcess> {
  const [program, ...before] = wordsOn(host)
  const script = `require('node:dgram').createSocket('udp4').bind(${LAN_PORT}, () => console.log())`
  const taker = spawn(program, [...before, process.execPath, '-e', script])
  t.teardown(() => endChild(taker))
  await once(taker.stdout, 'data', { signal: AbortSignal.timeout(TAKES_MS_MAX) })
  return taker
}

const TYPESCRIPT = [process.execPath, '--import=./build/typescript.js', '--input-type=module', '-e']

/** Opens the socket of a node twice, and prints the errors, and how many descriptors stay. */
const OPEN_TWICE = `
  import { readdirSync } from 'node:fs'
  import { LanSocket } from './src/discovery/lan-socket.ts'
  const { signal } = new AbortController()
  const count = () => readdirSync('/proc/self/fd').length
  const open = () => LanSocket.open({ ips: [], onPacket() {}, signal }).catch(({ code }) => code)
  const codes = [await open()]
  const before = count()
  codes.push(await open())
  console.log(codes.join(' ') + ', ' + (count() - before) + ' more descriptors')`

test.serial(
  'lan - nodes of one network and one secret find each other with no address configured',
  async (t) => {
    const [here, there, elsewhere] = Lan.create(t, 3).hosts
    if (here === undefined || there === undefined || elsewhere === undefined) return t.fail()
    const one = await startNode(t, here, 4001, SECRET)
    await t.notThrowsAsync(one.reported('source-answered', { source: 'lan', problem: NOBODY }))
    // The last one has no secret.
    const bait = `ws://${elsewhere.ip}:4009`
    const noise = ['', 'x', 'x'.repeat(5_000), 'fullmesh-lan-1\n\nmac x', '\u0000\n\n']
    send(elsewhere, [...noise, `fullmesh-lan-1\n${bait}\nmesh default`])
    const [stranger, ...others] = await Promise.all([
      startNode(t, elsewhere, 4001, OTHER_SECRET),
      startNode(t, here, 4002, SECRET),
      startNode(t, there, 4001, SECRET),
    ])
    const nodes = [one, ...others]
    await t.notThrowsAsync(waitUntilComplete(nodes))
    t.deepEqual(
      nodes.map((node) => node.eventsOf('listening').map(({ address }) => address)),
      [[`ws://${here.ip}:4001`], [`ws://${here.ip}:4002`], [`ws://${there.ip}:4001`]],
    )
    await t.notThrowsAsync(one.reported('source-answered', { source: 'lan', problem: undefined }))
    t.regex(
      await runCommand(here, one, 'status'),
      /^lan {2}\S+ 2 addresses\nall 3 nodes connected$/m,
    )
    t.regex(await runCommand(here, one, 'check'), /^ok +lan +2 addresses$/m)
    await t.notThrowsAsync(stranger.reported('source-answered', { problem: FOREIGN }))
    t.is(stranger.connected, 0)
    for (const node of nodes) {
      t.deepEqual(node.eventsOf('dial-failed'), [])
      t.deepEqual(node.eventsOf('secret-problem'), [])
    }
    assertNoUnhandledErrors(t, [...nodes, stranger])
  },
)

test.serial('lan - says in one line why it cannot announce itself, and tries again', async (t) => {
  const { hosts } = Lan.create(t, 1)
  const [host] = hosts
  if (host === undefined) return t.fail()
  const taker = await takePort(t, host)
  const node = await startNode(t, host, 4001, SECRET)
  const says = (problem: string) => node.reported('source-answered', { source: 'lan', problem })
  await t.notThrowsAsync(says(`another program has UDP port ${LAN_PORT} for itself`))
  t.is(runOn(host, [...TYPESCRIPT, OPEN_TWICE]), 'EADDRINUSE EADDRINUSE, 0 more descriptors\n')
  await endChild(taker)
  await t.notThrowsAsync(says(NOBODY))
  // A firewall.
  const table = `table inet closed {
    chain outgoing { type filter hook output priority 0; udp dport ${LAN_PORT} drop; }
  }`
  runOn(host, ['/usr/sbin/nft', '-f', '-'], table)
  await askAgain(host, node)
  await t.notThrowsAsync(says('the system permits no multicast; look at its firewall'))
  // Nothing is left of it.
  await runCommand(host, node, 'forget', 'lan')
  const port = `:${LAN_PORT.toString(16).toUpperCase()} `
  const sockets = (): string => runOn(host, ['cat', '/proc/net/udp'])
  await waitUntil(() => !sockets().includes(port), sockets)
  // Without a network it has an address on its own machine only.
  await node.stop()
  runOn(host, ['ip', 'address', 'del', `${host.ip}/24`, 'dev', 'lan'])
  await node.start()
  const text = 'lan finds no nodes beyond this machine, because this node announces'
  await t.notThrowsAsync(node.reported('address-missing'))
  t.true(node.eventsOf('address-missing')[0]?.text.startsWith(text), node.output)
  assertNoUnhandledErrors(t, [node])
})
