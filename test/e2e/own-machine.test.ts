/** The own machine under an IP of a network, and who else may ask, in network namespaces. */

import { execFile } from 'node:child_process'
import test from 'ava'
import { type Host, Lan } from '../helpers/lan.ts'
import { type Exit, NodeProcess, type Runtime } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/** Prints the status of a response, and its text. */
const FETCH = 'fetch(process.argv[1]).then(async (a) => console.log(a.status, await a.text()))'

/** Runs Node on a host. */
function runOn({ runtime }: Host, ...words: readonly string[]): Promise<Omit<Exit, 'code'>> {
  const [program = '', ...first] = runtime
  return new Promise((resolve, reject) => {
    execFile(program, [...first, ...words], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ stdout, stderr })
    })
  })
}

test.serial('own machine - may ask under an IP of its own, another machine not', async (t) => {
  const lan = Lan.create(t, 2)
  const [host, other] = lan.hosts
  if (host === undefined || other === undefined) return t.fail()
  const settings = { LISTEN: host.ip }
  const node = await NodeProcess.start(t, { port: PORT, runtime: host.runtime, settings })
  await node.reported('page', { url: `http://${host.ip}:${PORT}/` })

  const url = node.eventsOf('page')[0]?.url ?? ''
  t.regex((await runOn(host, '-e', FETCH, url)).stdout, /^200 <!doctype html>/i)
  const { stdout, stderr } = await runOn(host, node.script, 'status')
  t.is(stderr, '')
  t.regex(stdout, /no other node connected/)

  t.regex((await runOn(other, '-e', FETCH, url)).stdout, /^403 not allowed from 10\.77\.0\.2; /)
  await node.reported('request-refused')
  const [refused] = node.eventsOf('request-refused')
  t.is(refused?.reason, 'not allowed from 10.77.0.2; set HTTP_ALLOW=10.77.0.2 on the node')
})

test.serial(
  'own machine - the ADDRESS that a node lacks is told once, and found by check',
  async (t) => {
    const lan = Lan.create(t, 2)
    const [host, other] = lan.hosts
    if (host === undefined || other === undefined) return t.fail()
    const address = `ws://${host.ip}:${PORT}`
    const first = await NodeProcess.start(t, {
      port: PORT,
      runtime: host.runtime,
      settings: { ADDRESS: address },
    })
    const node = await NodeProcess.start(t, {
      port: 4002,
      runtime: other.runtime,
      knownPeers: [address],
      // Who refuses its address is dialed again after half of this at least.
      settings: { REDIAL_MAX_MS: '2000' },
    })
    const fix = `set ADDRESS=ws://${other.ip}:4002`
    // It is told by its files or by the peer, whichever is first.
    await waitUntil(
      () => node.eventsOf('peer-left').length > 1,
      () => `two refusals\n${node.output}`,
    )
    const byFiles = node.eventsOf('address-missing').map(({ text }) => text)
    const byPeer = node.eventsOf('own-address-refused').map(({ suggested }) => suggested)
    t.is(byFiles.length + byPeer.length, 1)
    if (byFiles[0] === undefined) t.is(`set ADDRESS=${byPeer[0]}`, fix)
    else t.true(byFiles[0].endsWith(`only its own machine can dial; ${fix}`), byFiles[0])
    t.regex(
      (await runOn(other, node.script, 'check')).stdout,
      new RegExp(`^problem .*${fix}$`, 'm'),
    )
    t.deepEqual(first.eventsOf('address-missing'), [])

    // A folder that was copied from the first host, with its ADDRESS.
    const copy = await NodeProcess.start(t, {
      port: PORT,
      runtime: other.runtime,
      settings: { ADDRESS: address },
    })
    await copy.reported('own-address-taken')
    t.is(copy.eventsOf('own-address-taken')[0]?.suggested, `ws://${other.ip}:${PORT}`)
    const { stdout } = await runOn(other, copy.script, 'check')
    t.regex(
      stdout,
      new RegExp(`leads to another node, .*; set ADDRESS=ws://${other.ip}:${PORT}$`, 'm'),
    )
    t.regex(stdout, /\n1 problem\n$/)
  },
)

test.serial(
  'own machine - a peer that may not dial the ADDRESS is named with the right one',
  async (t) => {
    const [host, other] = Lan.create(t, 2).hosts
    if (host === undefined || other === undefined) return t.fail()
    const settings = { ADDRESS: `ws://${host.ip}:${PORT}` }
    await NodeProcess.start(t, { port: PORT, runtime: host.runtime, settings })
    const node = await NodeProcess.start(t, {
      port: PORT,
      runtime: other.runtime,
      knownPeers: [settings.ADDRESS],
      settings: { ADDRESS: `ws://169.254.1.2:${PORT}`, DIAL_TIMEOUT_MS: '500' },
    })
    await node.reported('own-address-refused')
    const [refused] = node.eventsOf('own-address-refused')
    t.is(String(refused?.by), settings.ADDRESS)
    t.is(refused?.suggested, `ws://${other.ip}:${PORT}`)
  },
)

test.serial(
  'own machine - a warning that nobody answers on ADDRESS ends when a peer reaches it',
  async (t) => {
    const lan = Lan.create(t, 2)
    const [host, other] = lan.hosts
    if (host === undefined || other === undefined) return t.fail()
    lan.dropOwnConnections(host)
    const address = `ws://${host.ip}:${PORT}`
    const node = await NodeProcess.start(t, {
      port: PORT,
      runtime: host.runtime,
      settings: { ADDRESS: address, DIAL_TIMEOUT_MS: '500', HANDSHAKE_TIMEOUT_MS: '1000' },
    })
    await node.reported('own-address-unanswered')
    const by = `ws://${other.ip}:${PORT}`
    await NodeProcess.start(t, {
      port: PORT,
      runtime: other.runtime,
      knownPeers: [address],
      settings: { ADDRESS: by },
    })
    await node.reported('own-address-reached')
    const [reached] = node.eventsOf('own-address-reached')
    t.is(String(reached?.address), address)
    t.is(String(reached?.by), by)
  },
)

test.serial(
  'own machine - a known peer by name is elsewhere when its name leads there',
  async (t) => {
    const [host] = Lan.create(t, 2).hosts
    if (host === undefined) return t.fail()
    const names = temporaryFolder(t, { hosts: '127.0.1.1 here.test\n10.77.0.2 there.test\n' })
    const mount = `mount --bind ${names}/hosts /etc/hosts && exec "$@"`
    const [program, ...words] = host.runtime
    const runtime: Runtime = ['unshare', '--mount', 'sh', '-c', mount, 'sh', program, ...words]
    const start = (name: string) =>
      NodeProcess.start(t, { runtime, knownPeers: [`ws://${name}.test:${PORT}`] })

    const near = await start('here')
    await near.reported('no-answer-yet')
    t.deepEqual(near.eventsOf('address-missing'), [])
    const far = await start('there')
    await far.reported('address-missing')
    t.true(
      far
        .eventsOf('address-missing')[0]
        ?.text.endsWith(`; set ADDRESS=ws://${host.ip}:${far.port}`),
    )
  },
)
