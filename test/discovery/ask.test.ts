/** What the answers of DNS become. */

import test from 'ava'
import { parseKnownPeer } from '../../src/config/known-peer.ts'
import { ask, type Lookups } from '../../src/discovery/ask.ts'
import type { NameSource } from '../../src/discovery/source.ts'

const { signal } = new AbortController()

function sourceOf(text: string): NameSource {
  const parsed = parseKnownPeer(text)
  if (parsed.kind !== 'source' || parsed.source.kind === 'lan')
    throw new Error(`'${text}' is no source`)
  return parsed.source
}

function failing(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(code), { code }))
}

async function answerTo(text: string, lookups: Partial<Lookups>): Promise<readonly string[]> {
  const ips = (): Promise<never> => failing('ENOTFOUND')
  const { addresses, problem } = await ask(sourceOf(text), { ips, ...lookups }, signal)
  return problem === undefined ? addresses : [...addresses, problem]
}

test('ask - all IPs of a name, with the port, the scheme and the path', async (t) => {
  const ips = async (name: string) => {
    t.is(name, 'mesh.example')
    return ['10.0.0.1', '2001:db8::1', '10.0.0.1', 'fe80::1%eth0']
  }
  t.deepEqual(await answerTo('dns:mesh.example:4001', { ips }), [
    'ws://10.0.0.1:4001',
    'ws://[2001:db8::1]:4001',
  ])
  t.deepEqual(await answerTo('dns:wss://mesh.example/a/b', { ips }), [
    'wss://10.0.0.1/a/b',
    'wss://[2001:db8::1]/a/b',
  ])
})

test('ask - the hosts and ports of SRV records', async (t) => {
  const srv = async (name: string) => {
    t.is(name, '_mesh._tcp.mesh.example')
    return [
      { name: 'pod-0.mesh.example', port: 4001, priority: 0, weight: 1 },
      { name: 'POD-1.mesh.example.', port: 4002 },
      { name: '', port: 0 },
      { name: 'spaces are wrong', port: 1 },
    ]
  }
  t.deepEqual(await answerTo('srv:_mesh._tcp.mesh.example', { srv }), [
    'ws://pod-0.mesh.example:4001',
    'ws://pod-1.mesh.example:4002',
  ])
  t.deepEqual(await answerTo('srv:wss://_mesh._tcp.mesh.example/a', { srv }), [
    'wss://pod-0.mesh.example:4001/a',
    'wss://pod-1.mesh.example:4002/a',
  ])
})

for (const [code, problem] of [
  ['ENOTFOUND', 'no such name in DNS'],
  ['ENODATA', 'no such name in DNS'],
  ['ETIMEDOUT', 'no answer from the DNS server'],
  ['ETIMEOUT', 'no answer from the DNS server'],
  ['EAI_AGAIN', 'no answer from the DNS server'],
  ['ESERVFAIL', 'the lookup failed: ESERVFAIL'],
] as const) {
  test(`ask - ${code} is a problem in words`, async (t) => {
    t.deepEqual(await answerTo('dns:mesh.example:1', { ips: () => failing(code) }), [problem])
    const srv = (): Promise<never> => failing(code)
    t.deepEqual(await answerTo('srv:_mesh._tcp.mesh.example', { srv }), [problem])
  })
}

test('ask - an answer without addresses is a problem, too', async (t) => {
  const found = await answerTo('dns:mesh.example:1', { ips: async () => [] })
  t.deepEqual(found, ['the name has no addresses'])
})
