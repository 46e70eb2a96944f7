/** Connections of this machine that break: both ends get a reset. */

import { spawnSync } from 'node:child_process'
import type { ExecutionContext } from 'ava'

/** Breaks all connections to these ports, of which there is at least one, where this user may. */
export function cutConnectionsTo(t: ExecutionContext, ports: readonly number[]): void {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return t.log('not cut: not root')
  if (spawnSync('ss', ['-V']).status !== 0) return t.log('not cut: no ss')
  const anyPort = ports.map((port) => `dport = :${port}`).join(' or ')
  const filter = `( dst 127.0.0.1 or dst [::1] ) and ( ${anyPort} )`
  const named = (options: string): string => {
    const { status, stderr, stdout } = spawnSync('ss', [options, filter], { encoding: 'utf8' })
    t.is(status, 0, stderr)
    return stdout
  }
  t.not(named('-Ht'), '', `a connection to ${ports.join()}`)
  // It names what it has ended.
  if (named('-HtK') === '') t.log('not cut: this kernel lacks CONFIG_INET_DIAG_DESTROY')
}
