/** Who cannot get together with a node: other networks, and other machines. */

import test from 'ava'
import { NodeProcess } from '../helpers/node-process.ts'
import { listeningOn } from '../helpers/socket-table.ts'

test.serial(
  'separation - nodes of different MESH refuse each other, and both print why',
  async (t) => {
    const one = await NodeProcess.start(t, { settings: { MESH: 'one' } })
    const two = await NodeProcess.start(t, {
      knownPeers: [one.address],
      settings: { MESH: 'two' },
    })
    for (const node of [one, two]) {
      await node.reported('link-refused', { ending: { code: 4003, reason: /^different meshes/ } })
      t.is(node.connected, 0)
      t.deepEqual(node.eventsOf('peer-joined'), [])
    }
  },
)

test.serial('separation - nodes of the same MESH meet', async (t) => {
  const settings = { MESH: 'some.mesh_1-a' }
  const one = await NodeProcess.start(t, { settings })
  await NodeProcess.start(t, { knownPeers: [one.address], settings })
  await t.notThrowsAsync(one.reported('peer-joined', { connected: 1 }))
})

/** 127.0.0.1 and ::1. */
const LOOPBACK_IPS = ['0100007F', '00000000000000000000000001000000']

test.serial('separation - by default a node listens on this machine only', async (t) => {
  const node = await NodeProcess.start(t)
  await t.notThrowsAsync(listeningOn(node.port, LOOPBACK_IPS))
})

test.serial('separation - a node listens where LISTEN says, and nowhere else', async (t) => {
  const node = await NodeProcess.start(t, { settings: { LISTEN: '127.0.0.3' } })
  await t.notThrowsAsync(listeningOn(node.port, ['0300007F']))
})

test.serial('separation - a node tells others an address that it listens on', async (t) => {
  const node = await NodeProcess.start(t, { settings: { LISTEN: '127.0.0.3' } })
  const address = `ws://127.0.0.3:${node.port}`
  await node.reported('listening', { address })
  const peer = await NodeProcess.start(t, { knownPeers: [address] })
  await peer.reported('peer-joined', { address, connected: 1 })
  await node.reported('peer-joined', { address: peer.address })
  t.is((await node.stop()).stderr, '')
})

test.serial('separation - a node warns of an IP in LISTEN that the machine lacks', async (t) => {
  const node = await NodeProcess.start(t, { settings: { LISTEN: '127.0.0.3,203.0.113.1' } })
  await t.notThrowsAsync(listeningOn(node.port, ['0300007F']))
  const setting = `LISTEN in ${node.folder}/.env`
  await node.reported('listen-ip-missing', { ip: '203.0.113.1', setting })
  t.is(node.eventsOf('listen-ip-missing').length, 1)
})
