/** Strangers that speak the protocol, and take the identity of others, places or dials. */

import { execFileSync } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import test from 'ava'
import {
  ACCEPTED_LINKS_MAX,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  LINKS_PER_PEER_MAX,
} from '../../src/mesh/limits.ts'
import { attack, Child } from '../helpers/child.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001

/** How often the link of two nodes is broken. */
const BREAKS = 2

/** Looks at the connections, with a pause in ms, that must all see the same. */
const LOOKS = 8
const LOOK_MS = 400

/** Seconds for which the dials of a third host are counted. */
const SCAN_SECONDS = 5

test.serial('strangers - links with a copied id do not keep two nodes apart', async (t) => {
  const { hosts } = Lan.create(t, 3)
  const [here, there, strange] = hosts
  if (!here || !there || !strange) return t.fail()
  const run = ({ ip, runtime }: Host, knownPeers: readonly string[]) => {
    const settings = { ADDRESS: `ws://${ip}:${PORT}` }
    return NodeProcess.start(t, { port: PORT, knownPeers, runtime, settings })
  }
  const node = await run(here, [])
  const peer = await run(there, [node.address])
  await peer.reported('peer-joined', { address: node.address })
  // At both, since only at the one with the smaller id it is of use.
  const targets = [here, there].map(({ ip }) => ({ host: ip, port: PORT }))
  const impersonators = targets.map((target, index) => {
    const as = targets[1 - index] ?? target
    return attack(
      t,
      { attack: 'impersonate', target, as, links: LINKS_PER_PEER_MAX },
      strange.runtime,
    )
  })
  await waitUntil(
    () => impersonators.every((one) => one.matches(/^opened ([4-9]|\d\d+)$/).length > 0),
    () => impersonators.map(({ output }) => output).join(''),
  )
  for (let breaks = 0; breaks < BREAKS; breaks += 1) {
    onHost(here, ['ss', '-K', 'dst', there.ip])
    const seen: string[] = []
    // The kernel knows which links are real.
    await waitUntil(
      async () => {
        seen.push(connectionsWith(here, there))
        await delay(LOOK_MS)
        const last = seen.at(-1) ?? ''
        const isOne = last !== '' && !last.includes(', ')
        return isOne && seen.length >= LOOKS && new Set(seen.slice(-LOOKS)).size === 1
      },
      () => `one lasting connection, saw\n${seen.join('\n')}`,
    )
  }
  assertNoUnhandledErrors(t, [node, peer])
  t.pass()
})

/** The two ends of each connection with another host. */
function connectionsWith(host: Host, { ip }: Host): string {
  const rows = onHost(host, ['ss', '-Htn', 'state', 'established', 'dst', ip]).trim().split('\n')
  return rows.map((row) => row.split(/\s+/).slice(2, 4).join(' ')).join(', ')
}

/** What a program prints that is run on this host. */
function onHost({ runtime }: Host, words: readonly string[]): string {
  const [program, ...flags] = runtime.slice(0, -1)
  return execFileSync(program ?? '', [...flags, ...words], { encoding: 'utf8' })
}

test.serial('strangers - a crowd of links does not keep newcomers out', async (t) => {
  const node = await NodeProcess.start(t)
  const friend = await NodeProcess.start(t, { knownPeers: [node.address] })
  await friend.reported('peer-joined', { address: node.address })
  const target = { host: '127.0.0.1', port: node.port }
  attack(t, { attack: 'crowd', target, links: ACCEPTED_LINKS_MAX + 50 })
  await node.reported('link-refused', {
    ending: { by: 'us', code: 1013, reason: 'too many links' },
  })
  const newcomer = await NodeProcess.start(t, { knownPeers: [node.address] })
  await t.notThrowsAsync(newcomer.reported('peer-joined', { address: node.address }))
  await t.notThrowsAsync(newcomer.reported('peer-joined', { address: friend.address }))
  t.deepEqual(friend.eventsOf('peer-left'), [])
  assertNoUnhandledErrors(t, [node, friend, newcomer])
})

test.serial('strangers - nobody makes a node scan a third host', async (t) => {
  const { hosts } = Lan.create(t, 3)
  const [here, third, strange] = hosts
  if (!here || !third || !strange) return t.fail()
  const { ip, runtime } = here
  const settings = { ADDRESS: `ws://${ip}:${PORT}` }
  const node = await NodeProcess.start(t, { port: PORT, runtime, settings })
  const counter = Child.start(t, ['test/helpers/count-connections.mjs'], third.runtime)
  await waitUntil(
    () => counter.matches(/^listening$/).length > 0,
    () => counter.output,
  )
  const target = { host: ip, port: PORT }
  attack(t, { attack: 'scan', target, links: 8, victim: third.ip }, strange.runtime)
  await waitUntil(
    () => counter.matches(/^counted /).length >= SCAN_SECONDS,
    () => counter.output,
  )
  const [, count] = counter.matches(/^counted (\d+)$/).at(-1) ?? []
  t.log(`${count} dials`)
  t.true(Number(count) > 0, 'it is dialed at all')
  t.true(Number(count) <= HOST_DIALS_BURST + (SCAN_SECONDS + 2) * HOST_DIALS_PER_SECOND, count)
  await t.notThrowsAsync(node.reported('dials-limited', { host: third.ip }))
  assertNoUnhandledErrors(t, [node])
})
