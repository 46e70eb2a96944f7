import test from 'ava'
import type { OwnEndpoint } from '../../src/http/allowed-hosts.ts'
import { isForeignOrigin } from '../../src/http/origin.ts'

const LOCAL: OwnEndpoint = { address: 'ws://localhost:4001', port: 4001 }
const PROXIED: OwnEndpoint = { address: 'wss://mesh.example/node', port: 4001 }

/** What a browser sends for a page: where it is from, and where it connects to. */
type Page = readonly [origin: string, host: string]

const OURS: readonly (readonly [OwnEndpoint, Page])[] = [
  [LOCAL, ['http://localhost:4001', 'localhost:4001']],
  [LOCAL, ['HTTP://LocalHost:4001', 'LOCALHOST:4001']],
  [LOCAL, ['http://127.0.0.1:4001', '127.0.0.1:4001']],
  [LOCAL, ['http://[::1]:4001', '[::1]:4001']],
  [LOCAL, ['http://192.0.2.7:4001', '192.0.2.7:4001']],
  [{ ...LOCAL, port: 80 }, ['http://localhost', 'localhost']],
  [PROXIED, ['https://mesh.example', 'mesh.example']],
  [PROXIED, ['http://mesh.example:4001', 'mesh.example:4001']],
]

for (const [own, [origin, host]] of OURS) {
  test(`origin - a page of ${origin} may call ${own.address} as ${host}`, (t) => {
    t.false(isForeignOrigin({ origin, host }, own))
  })
}

const FOREIGN: readonly (readonly [OwnEndpoint, Page])[] = [
  // Another site, another port, no site at all.
  [LOCAL, ['https://evil.example', 'localhost:4001']],
  [LOCAL, ['http://localhost:4002', 'localhost:4001']],
  [LOCAL, ['http://localhost:4002', 'localhost:4002']],
  [LOCAL, ['null', 'localhost:4001']],
  [LOCAL, ['', '']],
  [LOCAL, ['file://', '']],
  [LOCAL, ['http://localhost:4001, http://localhost:4001', 'localhost:4001']],
  [LOCAL, ['ws://localhost:4001', 'localhost:4001']],
  // DNS rebinding: the attacker's own name leads here.
  [LOCAL, ['http://evil.example:4001', 'evil.example:4001']],
  [LOCAL, ['http://localhost.evil.example:4001', 'localhost.evil.example:4001']],
  [LOCAL, ['http://127.0.0.1.evil.example:4001', '127.0.0.1.evil.example:4001']],
  [PROXIED, ['https://evil.example', 'evil.example']],
  [PROXIED, ['https://mesh.example:8443', 'mesh.example:8443']],
]

for (const [own, [origin, host]] of FOREIGN) {
  test(`origin - a page of '${origin}' may not call ${own.address} as '${host}'`, (t) => {
    t.true(isForeignOrigin({ origin, host }, own))
  })
}

test('origin - a page that sends no Host may not call, a program may', (t) => {
  t.true(isForeignOrigin({ origin: 'http://localhost:4001' }, LOCAL))
  t.false(isForeignOrigin({ host: 'localhost:4001' }, LOCAL))
  t.false(isForeignOrigin({}, LOCAL))
})
