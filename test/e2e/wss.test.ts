/** Nodes whose address begins with wss, as processes: one setting more than the secret. */

import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createServer } from 'node:tls'
import test, { type ExecutionContext } from 'ava'
import { type KeyPair, makeSelfSigned } from '../../src/tls/self-signed.ts'
import { AUTHORITY, FIRST, SECOND, SERVER_ONLY } from '../helpers/authority.ts'
import { freePort } from '../helpers/free-port.ts'
import { waitUntilComplete } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'

const SECRET = `fm1_${'S'.repeat(43)}`

async function secureNode(
  t: ExecutionContext,
  knownPeers: readonly string[] = [],
  settings: Readonly<Record<string, string>> = {},
): Promise<NodeProcess> {
  const port = await freePort(t)
  const address = { ADDRESS: `wss://localhost:${port}` }
  const node = await NodeProcess.create(t, {
    port,
    knownPeers,
    settings: { ...address, ...settings },
  })
  writeFileSync(join(node.folder, 'secret'), `${SECRET}\n`, { mode: 0o600 })
  return node
}

test.serial('wss - two nodes mesh, and each command reaches its node', async (t) => {
  const first = await secureNode(t)
  const second = await secureNode(t, [first.address])
  await first.start()
  await second.start()
  await waitUntilComplete([first, second])
  t.is(first.eventsOf('secret-used')[0]?.certificates, 'secret')
  t.is(first.eventsOf('page')[0]?.url, `https://localhost:${first.port}/`)

  const [status, check, published, forgotten] = await Promise.all(
    [['status'], ['check'], ['publish', 'news', 'hello'], ['forget', first.address]].map((args) =>
      twin(t, second, args),
    ),
  )
  t.regex(status?.stdout ?? '', /all 2 nodes connected/)
  t.regex(
    status?.stdout ?? '',
    /encrypted: 1 of 1 connections; certificate [0-9a-f]{8} expires in 29 d/,
  )
  t.regex(check?.stdout ?? '', /ok +certificate +[0-9a-f]{8}…, until 20/)
  t.regex(check?.stdout ?? '', /this node +running\n[\s\S]*no problems/)
  t.is(published?.code, 0, published?.stderr)
  t.regex(forgotten?.stderr ?? '', /connected/)
  for (const path of ['/', '/health', '/metrics', '/peers', '/topics/news?history=kept']) {
    t.is(await statusOf(first.port, path), 200, path)
  }
  for (const node of [first, second]) t.deepEqual(node.eventsOf('secret-problem'), [], node.output)
  assertNoUnhandledErrors(t, [first, second])
})

test.serial('wss - without a secret it ends with the fix, unless a proxy encrypts', async (t) => {
  const node = await secureNode(t)
  writeFileSync(join(node.folder, 'secret'), '')
  const empty = await node.run()
  t.is(empty.code, 2)
  const bare = await NodeProcess.create(t, { settings: { ADDRESS: 'wss://mesh.example' } })
  const { code, stdout, stderr } = await bare.run()
  t.deepEqual([code, stdout], [2, ''])
  t.regex(
    stderr,
    /^ADDRESS in .*\.env is wss:\/\/mesh\.example, which needs a secret: .* TLS=off .*\n$/,
  )
  await bare.start({ env: { TLS: 'off' } })
  t.is((await fetch(`http://localhost:${bare.port}/health`)).status, 200)
})

test.serial(
  'wss - an authority connects two nodes without a secret, and check agrees',
  async (t) => {
    const files = { 'ca.pem': AUTHORITY }
    const tls = { TLS_CERT: 'cert.pem', TLS_KEY: 'key.pem', TLS_CA: 'ca.pem' }
    const certified = async ({ cert, key }: KeyPair, knownPeers: readonly string[] = []) => {
      const port = await freePort(t)
      const settings = { ADDRESS: `wss://localhost:${port}`, ...tls }
      const own = { ...files, 'cert.pem': cert, 'key.pem': key }
      return NodeProcess.create(t, { port, knownPeers, settings, files: own })
    }
    const first = await certified(FIRST)
    const second = await certified(SECOND, [first.address])
    await Promise.all([first.start(), second.start()])
    await waitUntilComplete([first, second])
    t.is(await statusOf(first.port, '/metrics'), 200)
    const check = await twin(t, second, ['check'])
    t.is(check.code, 0, check.stdout)
    t.regex(check.stdout, /this node +running\n/)
    t.regex((await twin(t, second, ['status'])).stdout, /all 2 nodes connected/)
    const wrong = await certified(SERVER_ONLY)
    const { code, stderr } = await wrong.run()
    t.is(code, 2)
    t.regex(stderr, /^peers with .* would refuse .*: it is not for both clients and servers; .*\n$/)
    assertNoUnhandledErrors(t, [first, second])
  },
)

test.serial('wss - a proxy that encrypts is passed with TLS_PIN=none alone', async (t) => {
  const { cert, key } = makeSelfSigned(Date.now(), 'localhost')
  const port = await freePort(t)
  const behind = await NodeProcess.create(t, {
    settings: { ADDRESS: `wss://localhost:${port}`, TLS: 'off', SECRET },
  })
  const proxy = createServer({ cert, key }, (socket) => {
    const onward = connect(behind.port, '127.0.0.1')
    socket.pipe(onward).pipe(socket)
    for (const each of [socket, onward]) each.on('error', () => {})
  })
  t.teardown(() => proxy.close())
  await new Promise<void>((resolve) => proxy.listen(port, '127.0.0.1', resolve))
  const ca = join(temporaryFolder(t, { 'ca.pem': cert }), 'ca.pem')
  const env = { NODE_EXTRA_CA_CERTS: ca }
  await behind.start({ env })
  const [pinning, asking] = await Promise.all([
    NodeProcess.create(t, { knownPeers: [behind.address], settings: { SECRET } }),
    NodeProcess.create(t, { knownPeers: [behind.address], settings: { SECRET, TLS_PIN: 'none' } }),
  ])
  await pinning.start({ env })
  const differs = { peer: behind.address, problem: 'differs' } as const
  await pinning.reported('secret-problem', { ...differs, mayBeProxy: true })
  t.is(pinning.connected, 0)
  const hint = /another secret, or a proxy encrypts \(TLS_PIN=none\)/
  t.regex((await twin(t, pinning, ['check'], env)).stdout, hint)
  await asking.start({ env })
  await asking.reported('peer-joined', { address: behind.address })
  t.is(asking.eventsOf('secret-used')[0]?.certificates, 'authorities')
  const other = { SECRET: 'O'.repeat(32), TLS_PIN: 'none' }
  const stranger = await NodeProcess.create(t, { knownPeers: [behind.address], settings: other })
  await stranger.start({ env })
  await stranger.reported('secret-problem', { ...differs, mayBeProxy: false })
  t.notRegex((await twin(t, stranger, ['check'], env)).stdout, /proxy/)
  // It checks its own address through the proxy.
  t.deepEqual(behind.eventsOf('own-address-unanswered'), [], behind.output)
  // Another one, which the node does not dial by itself.
  const unaided = await NodeProcess.create(t, {
    knownPeers: [behind.address],
    settings: { ...QUICK_TIMINGS, SECRET, TLS_PIN: 'none' },
  })
  await unaided.start()
  await unaided.reported('no-answer-yet')
  t.is(unaided.connected, 0)
})

/** A command of a node that runs, from its folder. */
async function twin(
  t: ExecutionContext,
  { folder }: NodeProcess,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
) {
  const words = [...args.slice(0, 1), '--dir', folder, ...args.slice(1)]
  return (await NodeProcess.create(t)).run({ args: words, env })
}

/** The status of an answer over TLS, once its headers are there. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: 'localhost', port, path, rejectUnauthorized: false })
    sent.on('response', (response) => {
      resolve(response.statusCode)
      response.destroy()
    })
    sent.on('error', reject).end()
  })
}
