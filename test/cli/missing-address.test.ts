import test from 'ava'
import { missingAddress } from '../../src/cli/missing-address.ts'
import { openLan } from '../../src/cli/open-lan.ts'
import { configOfFolder, type FolderOptions } from '../helpers/node-config.ts'

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
  const start = `the known peer ${NETWORK_PEER} is on another machine, but this node announces ${config.address}, `
  t.true(line?.startsWith(start), line)
  t.regex(line ?? '', /; set ADDRESS=ws:\/\/[^ ]+$/)
  const encrypting = await configOfFolder(t, { knownPeers: [NETWORK_PEER.replace('ws', 'wss')] })
  t.regex((await missingAddress(encrypting)) ?? '', /; set ADDRESS=wss:\/\/[^ ]+$/)
})

test('missing address - lan finds nobody elsewhere from localhost', async (t) => {
  const config = await configOfFolder(t, { knownPeers: ['lan'] })
  const line = await missingAddress(config)
  const start = `lan finds no nodes beyond this machine, because this node announces ${config.address}; `
  t.true(line?.startsWith(start), line)
  const settings = { ADDRESS: 'ws://192.0.2.7:4001' }
  t.is(await missingAddress(await configOfFolder(t, { knownPeers: ['lan'], settings })), undefined)
})

test('open lan - lets in others from a network, and without a secret', async (t) => {
  const settings = { ADDRESS: 'ws://192.0.2.7:4001' }
  const lineFor = async (options: FolderOptions) => openLan(await configOfFolder(t, options))
  const knownPeers = ['lan']
  const line = await lineFor({ knownPeers, settings })
  t.regex(line ?? '', /^without a secret, lan lets in whoever is on this network; create one /)
  t.is(await lineFor({ knownPeers }), undefined)
  t.is(await lineFor({ settings }), undefined)
  const SECRET = 'a secret of more than 32 characters, the first'
  t.is(await lineFor({ knownPeers, settings: { ...settings, SECRET } }), undefined)
})
