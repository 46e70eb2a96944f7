/** `ADDRESS=wss://auto` on a machine whose IP changes. */

import { execFileSync } from 'node:child_process'
import test from 'ava'
import { type Host, Lan } from '../helpers/lan.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { QUICK_TIMINGS } from '../helpers/quick-timings.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PORT = 4001
const SECRET = 'a secret of more than 32 characters, the first'

/** Changes the network of a host. */
function ip({ runtime }: Host, ...words: readonly string[]): void {
  const [program, ...before] = runtime.slice(0, -1)
  execFileSync(program ?? '', [...before, 'ip', ...words], { stdio: 'pipe' })
}

test.serial(
  'auto address - is that of the default route, and another node starts when it changes',
  async (t) => {
    const { hosts } = Lan.create(t, 2)
    const [here, there] = hosts
    if (here === undefined || there === undefined) throw new Error('no hosts')
    const { runtime } = here
    const known = `wss://${there.ip}:${PORT}`
    const settings = { SECRET, LOG_LEVEL: 'debug', ...QUICK_TIMINGS }
    const other = await NodeProcess.start(t, {
      port: PORT,
      runtime: there.runtime,
      settings: { ...settings, ADDRESS: known },
    })
    const node = await NodeProcess.start(t, {
      port: PORT,
      runtime,
      settings: { ...settings, ADDRESS: 'wss://auto' },
      knownPeers: [known],
    })
    const listening = () => node.eventsOf('listening').map(({ address }) => address)
    t.deepEqual(listening(), [`wss://localhost:${PORT}`], 'this machine without a route')
    ip(here, 'route', 'add', 'default', 'dev', 'lan')
    const first = `wss://${here.ip}:${PORT}`
    await t.notThrowsAsync(node.reported('address-changed', { to: first }))
    await t.notThrowsAsync(other.reported('peer-joined', { address: first }))
    // Without a route nothing changes.
    ip(here, 'route', 'del', 'default')
    ip(here, 'address', 'del', `${here.ip}/24`, 'dev', 'lan')
    ip(here, 'address', 'add', '10.77.0.101/24', 'dev', 'lan')
    ip(here, 'route', 'add', 'default', 'dev', 'lan')
    const second = `wss://10.77.0.101:${PORT}`
    await t.notThrowsAsync(node.reported('address-changed', { from: first, to: second }))
    await t.notThrowsAsync(other.reported('peer-joined', { address: second }))
    await waitUntil(
      () => other.eventsOf('peer-left').some(({ address }) => address === first),
      () => `the old node leaves\n${other.output}`,
    )
    t.deepEqual(listening(), [`wss://localhost:${PORT}`, first, second])
    t.deepEqual((await node.stop()).code, 0)
    assertNoUnhandledErrors(t, [node, other])
  },
)
