import test from 'ava'
import { missingAddress, suggestedAddress } from '../../src/cli/suggested-address.ts'
import { at } from '../helpers/core.ts'
import { configOfFolder } from '../helpers/node-config.ts'

test('suggested address - has the IP of LISTEN that others reach, if there is one', async (t) => {
  const suggested = (listen: readonly string[], host?: string) =>
    suggestedAddress({ listen, port: 4001, address: at(4001) }, host)
  t.is(await suggested(['127.0.0.1', '192.0.2.7', '192.0.2.8']), 'ws://192.0.2.7:4001')
  t.is(await suggested(['fe80::1%eth0', '2001:db8::7']), 'ws://[2001:db8::7]:4001')
  t.is(await suggested(['0.0.0.0', '::'], '127.0.0.1'), 'ws://127.0.0.1:4001')
  t.is(await suggested(['127.0.0.1'], 'localhost'), 'ws://127.0.0.1:4001')
})

test('suggested address - is a pattern where no IP of this machine is known', async (t) => {
  // Broadcasts need a permission that no program asks for.
  const own = { listen: [], port: 4001, address: at(4001) }
  t.is(await suggestedAddress(own, '255.255.255.255'), 'ws://IP:4001')
})

const NETWORK_PEER = 'ws://192.0.2.9:4001'

for (const [title, knownPeers, settings] of [
  ['no known peer', [], {}],
  ['known peers on this machine', ['ws://localhost:1', 'ws://127.0.0.2:1', 'ws://[::1]:1'], {}],
  ['an ADDRESS on a network', [NETWORK_PEER], { ADDRESS: 'ws://192.0.2.7:4001' }],
  ['LISTEN on a network', [NETWORK_PEER], { LISTEN: '192.0.2.7' }],
  // RFC 6761 §6.4: it never exists.
  ['a name that leads nowhere', ['ws://missing.invalid:4001'], {}],
] as const) {
  test(`missing address - nothing is missing with ${title}`, async (t) => {
    t.is(await missingAddress(await configOfFolder(t, { knownPeers, settings })), undefined)
  })
}

test('missing address - a known peer on a network cannot dial localhost back', async (t) => {
  const knownPeers = ['ws://localhost:1', 'ws://missing.invalid:1', NETWORK_PEER]
  const config = await configOfFolder(t, { knownPeers })
  const line = await missingAddress(config)
  const start = `known-peers.json has ${NETWORK_PEER}, but this node announces ${config.address}, `
  t.true(line?.startsWith(start), line)
  t.regex(line ?? '', /; set ADDRESS=ws:\/\/[^ ]+$/)
})
