/** Host names whose DNS server never answers, and names that lead to several hosts. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { endChild } from '../helpers/end-child.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/** How long a script may take to print a line, in ms. */
const FIRST_LINE_MS_MAX = 20_000

/** A DNS server on loopback that never answers. */
const SILENT_DNS_SERVER = `
  require('node:dgram').createSocket('udp4').bind(53, '127.0.0.1', () => console.log('bound'))`

/** Sends a HANDSHAKE of nearly as many names as it may have, and stays. */
const STRANGER = `
  const { WebSocket } = require('ws')
  const socket = new WebSocket(process.argv[1])
  const data = Array.from({ length: 998 }, (_, index) => 'ws://' + index + '.hangs.test:${PORT}')
  socket.on('open', () => {
    socket.send(JSON.stringify({ type: 'HANDSHAKE', data }))
    console.log('sent')
  })`

test.serial("names - a stranger's names that hang do not hold up a known peer's", async (t) => {
  const { hosts } = Lan.create(t, 3)
  const [here, there, strange] = hosts
  const namesHere = { 'good.test': [there] }
  await runScript(t, here, SILENT_DNS_SERVER)
  const node = await startNode(t, here, ['good.test'], namesHere)
  await runScript(t, strange, STRANGER, node.address)
  await waitUntil(
    () => node.eventsOf('dial-failed').some(({ known }) => !known),
    () => `a failed dial of a name from the stranger\n${node.output}`,
  )
  await startNode(t, there, [])
  await t.notThrowsAsync(node.reported('peer-joined'))
  assertNoUnhandledErrors(t, [node])
})

test.serial('names - known peers whose names hang do not hold up another', async (t) => {
  const { hosts } = Lan.create(t, 2)
  const [here, there] = hosts
  await runScript(t, here, SILENT_DNS_SERVER)
  await startNode(t, there, [])
  const hanging = ['a', 'b', 'c', 'd'].map((name) => `${name}.hangs.test`)
  const node = await startNode(t, here, [...hanging, 'good.test'], { 'good.test': [there] })
  await t.notThrowsAsync(node.reported('peer-joined'))
  assertNoUnhandledErrors(t, [node])
})

test.serial(
  'names - nodes whose known peer is a name that leads to all of them are one mesh',
  async (t) => {
    const { hosts } = Lan.create(t, 4)
    const names = { 'mesh.test': hosts }
    // The system gives the own IP first, and at the start of the first node no other is there.
    const nodes = await Promise.all(hosts.map((host) => startNode(t, host, ['mesh.test'], names)))
    await t.notThrowsAsync(waitUntilComplete(nodes))
    assertNoUnhandledErrors(t, nodes)
  },
)

test.serial('names - a live IP behind the own one and six dead ones is found', async (t) => {
  const lan = Lan.create(t, 8)
  const { hosts } = lan
  const [first, ...others] = hosts
  const last = others.pop()
  lan.cutOff(others)
  const there = await startNode(t, last, [])
  // The system gives IPs first that resemble the own one (RFC 6724 §5, rule 9): so the last one
  // last. A dial has its default time for all of them.
  const here = await startNode(
    t,
    first,
    ['mesh.test'],
    { 'mesh.test': hosts },
    { DIAL_TIMEOUT_MS: '5000', HANDSHAKE_TIMEOUT_MS: '6000' },
  )
  await t.notThrowsAsync(waitUntilComplete([here, there]))
  assertNoUnhandledErrors(t, [here, there])
})

test.serial(
  'names - nodes of a machine whose name leads to loopback there are in the mesh',
  async (t) => {
    const { hosts } = Lan.create(t, 2)
    const [here, there] = hosts
    // As Debian has it: the own host name leads to 127.0.1.1, on other hosts to the IP in the
    // network.
    const start = (host: Host | undefined, name: string, port: number, known: string[]) => {
      const own = { ip: '127.0.1.1' }
      const names = {
        'here.test': [host === here ? own : here],
        'there.test': [host === there ? own : there],
      }
      return startNode(t, host, known, names, { ADDRESS: `ws://${name}:${port}` }, port)
    }
    const introducer = await start(there, 'there.test', PORT, [])
    // They have only the introducer to tell them of each other.
    const first = await start(here, 'here.test', PORT, ['there.test'])
    const second = await start(here, 'here.test', PORT + 1, ['there.test'])
    const nodes = [introducer, first, second]
    await t.notThrowsAsync(waitUntilComplete(nodes))
    assertNoUnhandledErrors(t, nodes)
  },
)

/** A node on a host, whose hosts file has these names, and nothing else in DNS. */
function startNode(
  t: ExecutionContext,
  host: Host | undefined,
  knownHosts: readonly string[],
  names: Readonly<Record<string, readonly ({ readonly ip: string } | undefined)[]>> = {},
  settings: Readonly<Record<string, string>> = {},
  port = PORT,
): Promise<NodeProcess> {
  const { ip, runtime } = required(host)
  const lines = Object.entries(names).flatMap(([name, hosts]) =>
    hosts.map((other) => `${required(other).ip} ${name}`),
  )
  const folder = temporaryFolder(t, {
    hosts: `${lines.join('\n')}\n`,
    // A name that hangs does so for 2 s.
    'resolv.conf': 'nameserver 127.0.0.1\noptions timeout:2 attempts:1\n',
  })
  const mounts = ['hosts', 'resolv.conf']
    .map((file) => `mount --bind ${join(folder, file)} /etc/${file}`)
    .join(' && ')
  // `ip netns exec` has given it mounts of its own.
  const [program = '', ...words] = runtime.slice(0, -1)
  const shell = ['sh', '-c', `${mounts} && exec "$@"`, 'sh', process.execPath]
  return NodeProcess.start(t, {
    port,
    knownPeers: knownHosts.map((name) => `ws://${name}:${PORT}`),
    runtime: [program, ...words, ...shell],
    settings: { ADDRESS: `ws://${ip}:${port}`, LOG_LEVEL: 'debug', ...QUICK_TIMINGS, ...settings },
  })
}

/** Runs a script on a host until the test is over, and waits for its first line. */
async function runScript(
  t: ExecutionContext,
  host: Host | undefined,
  script: string,
  ...args: readonly string[]
): Promise<void> {
  const [program, ...words] = required(host).runtime
  const child: ChildProcess = spawn(program, [...words, '-e', script, ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(() => endChild(child))
  const signal = AbortSignal.timeout(FIRST_LINE_MS_MAX)
  if (child.stdout !== null) await once(child.stdout, 'data', { signal })
}

function required<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('the network has fewer hosts')
  return value
}
