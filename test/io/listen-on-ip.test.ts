import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { hostsToListenOn, listenOnIp } from '../../src/io/listen-on-ip.ts'
import { freePort } from '../helpers/free-port.ts'

/** Processes for tests have a channel. */
const PLAIN_NODE = { versions: { node: '20.19.0' } }

function serverFor(t: ExecutionContext): Server {
  const server = createServer()
  t.teardown(() => server.close())
  return server
}

async function optionsFor(t: ExecutionContext, host: string) {
  return { host, port: await freePort(t), ipv6Only: true, backlog: 511 }
}

for (const host of ['127.0.0.1', '::1']) {
  test.serial(`listen on IP - ${host} takes no lookup`, async (t) => {
    const options = await optionsFor(t, host)
    const server = serverFor(t)
    listenOnIp(server, options, PLAIN_NODE)
    // With a lookup, it listens later.
    t.true(server.listening)
    await once(server, 'listening')
    t.like(server.address(), { address: host, port: options.port })
  })
}

for (const [name, facts] of [
  ['in a child process', { ...PLAIN_NODE, channel: {} }],
  ['on Deno', { versions: { node: '24.0.0', deno: '2.9.6' } }],
  ['on Bun', { versions: { node: '24.0.0', bun: '1.4.5' } }],
] as const) {
  test.serial(`listen on IP - ${name}, it is the public listen`, async (t) => {
    const options = await optionsFor(t, '127.0.0.1')
    const server = serverFor(t)
    listenOnIp(server, options, facts)
    t.false(server.listening)
    await once(server, 'listening')
    t.like(server.address(), { address: '127.0.0.1', port: options.port })
  })
}

test.serial('listen on IP - another result than this IP and port is not kept', async (t) => {
  const { port, ...options } = await optionsFor(t, '127.0.0.1')
  const other = await freePort(t)
  const server = serverFor(t)
  let listenings = 0
  server.on('listening', () => {
    listenings += 1
  })
  Object.assign(server, {
    _listen2(this: Server) {
      Reflect.deleteProperty(this, '_listen2')
      const listen = Reflect.get(Object.getPrototypeOf(this), '_listen2')
      Reflect.apply(listen, this, ['127.0.0.1', other, 4, 511, undefined, 0])
    },
  })
  listenOnIp(server, { ...options, port }, PLAIN_NODE)
  await once(server, 'listening')
  t.like(server.address(), { address: '127.0.0.1', port })
  t.is(listenings, 1)
})

test.serial('listen on IP - a port in use is one error, with its code', async (t) => {
  const options = await optionsFor(t, '127.0.0.1')
  listenOnIp(serverFor(t), options, PLAIN_NODE)
  const second = serverFor(t)
  listenOnIp(second, options, PLAIN_NODE)
  const [error] = await once(second, 'error')
  t.like(error, { code: 'EADDRINUSE', syscall: 'listen', address: '127.0.0.1' })
  t.false(second.listening)
})

test.serial('listen on IP - all of IPv6 leaves IPv4 to another server', async (t) => {
  const options = await optionsFor(t, '::')
  for (const host of ['::', '0.0.0.0']) {
    const server = serverFor(t)
    listenOnIp(server, { ...options, host }, PLAIN_NODE)
    await once(server, 'listening')
    t.like(server.address(), { address: host, port: options.port })
  }
})

test('listen on IP - on Deno and Bun, where :: takes IPv4, too, it is not taken twice', (t) => {
  const all = ['0.0.0.0', '::']
  t.deepEqual(hostsToListenOn(all, PLAIN_NODE), all)
  const ipv4 = ['0.0.0.0', '127.0.0.1']
  for (const versions of [{ deno: '2.9.6' }, { bun: '1.4.5' }]) {
    t.deepEqual(hostsToListenOn(all, { versions }), ['::'])
    t.deepEqual(hostsToListenOn(ipv4, { versions }), ipv4)
  }
})
