/** SIGHUP: a service reads its known peers again, and a node whose terminal is closed stops. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { freePort } from '../helpers/free-port.ts'
import { NODE, NodeProcess, type Runtime } from '../helpers/node-process.ts'

function setKnownPeers({ folder }: NodeProcess, text: string): void {
  writeFileSync(join(folder, 'known-peers.json'), text)
}

test.serial('reload - known peers come and go, and connected ones stay connected', async (t) => {
  const peer = await NodeProcess.start(t)
  const node = await NodeProcess.start(t, { settings: { LOG_LEVEL: 'debug' } })
  const dead = `ws://localhost:${await freePort(t)}`
  setKnownPeers(node, JSON.stringify([peer.address, dead, node.address]))
  node.signal('SIGHUP')
  await t.notThrowsAsync(node.reported('known-peers-read', { added: 2, forgotten: 0, kept: 0 }))
  await node.reported('peer-joined', { address: peer.address })
  await node.reported('dial-failed', { address: dead })
  setKnownPeers(node, '[]')
  node.signal('SIGHUP')
  await t.notThrowsAsync(node.reported('known-peers-read', { added: 0, forgotten: 1, kept: 1 }))
  t.deepEqual(
    node.eventsOf('peer-forgotten').map(({ address }) => address),
    [dead],
  )
  t.deepEqual(node.eventsOf('peer-left'), [])
  t.like(await node.stop(), { code: 0, stderr: '' })
})

test.serial('reload - wrong files change nothing, and the log has the fix', async (t) => {
  const peer = await NodeProcess.start(t)
  const node = await NodeProcess.start(t, { knownPeers: [peer.address] })
  await node.reported('peer-joined')
  setKnownPeers(node, '["localhost"]')
  node.signal('SIGHUP')
  await t.notThrowsAsync(node.reported('warning'))
  t.regex(node.eventsOf('warning')[0]?.text ?? '', /^not read again: .*known-peers\.json has a/)
  setKnownPeers(node, JSON.stringify([peer.address]))
  node.signal('SIGHUP')
  await t.notThrowsAsync(node.reported('known-peers-read', { added: 0, forgotten: 0, kept: 0 }))
  t.deepEqual(node.eventsOf('peer-left'), [])
})

test.serial(
  'reload - several SIGHUPs and a SIGTERM right after them end the node well',
  async (t) => {
    const node = await NodeProcess.start(t)
    for (const _ of [1, 2, 3]) node.signal('SIGHUP')
    t.like(await node.stop('SIGTERM'), { code: 0, stderr: '' })
  },
)

test.serial('reload - the secret is read again, too, and before the known peers', async (t) => {
  const node = await NodeProcess.create(t)
  const file = join(node.folder, 'secret')
  const secrets = ['a', 'b'].map((letter) => `fm1_${letter.repeat(43)}\n`)
  writeFileSync(file, secrets[0] ?? '', { mode: 0o600 })
  await node.start()
  writeFileSync(file, secrets.join(''))
  node.signal('SIGHUP')
  await node.reported('known-peers-read')
  const kinds = node.events.map(({ kind }) => kind)
  t.deepEqual(
    kinds.filter((kind) => kind === 'secret-used' || kind === 'known-peers-read'),
    ['secret-used', 'secret-used', 'known-peers-read'],
  )
})

/** `script` of bsdutils; its end closes the terminal, which is where `redirection` leaves it. */
function onTerminal(redirection: string): Runtime {
  return ['sh', '-c', `exec script -qec "exec $0 $1 ${redirection}" /dev/null`, ...NODE]
}

for (const [name, redirection] of [
  ['input and output', ''],
  ['input', '| cat'],
  ['output', '</dev/null'],
] as const) {
  test.serial(
    `reload - a node whose ${name} is a terminal that closes says goodbye instead`,
    async (t) => {
      const stays = await NodeProcess.start(t)
      const options = { knownPeers: [stays.address], runtime: onTerminal(redirection) }
      const leaves = await NodeProcess.start(t, options)
      await stays.reported('peer-joined', { connected: 1 })
      // Before that its connection is a dial, which ends without a goodbye.
      await leaves.reported('peer-joined')
      leaves.signal('SIGKILL')
      const ending = { by: 'peer', code: 1001, reason: 'node stops' } as const
      await t.notThrowsAsync(stays.reported('peer-left', { ending, connected: 0 }))
    },
  )
}
