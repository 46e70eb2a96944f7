import test from 'ava'
import { type Address, parseAddress } from '../../src/mesh/address/address.ts'
import type { MeshEvent } from '../../src/mesh/events.ts'
import { BootstrapWatch } from '../../src/node/bootstrap-watch.ts'

const ONE = addressOf('ws://localhost:4001')
const TWO = addressOf('ws://localhost:4002')

function addressOf(text: string): Address {
  const parsed = parseAddress(text)
  if (parsed.kind === 'rejected') throw new Error(parsed.problem)
  return parsed.address
}

function failed(address: Address, known = true): MeshEvent {
  return { kind: 'dial-failed', address, known, reason: 'refused', retryInMs: 500 }
}

test('bootstrap watch - reports once, when every known peer has failed twice to answer', (t) => {
  const bootstrapWatch = new BootstrapWatch(() => [ONE, TWO])
  t.false(bootstrapWatch.observe(failed(ONE)))
  t.false(bootstrapWatch.observe(failed(ONE)))
  t.false(bootstrapWatch.observe(failed(TWO)))
  t.true(bootstrapWatch.observe(failed(TWO)))
  t.false(bootstrapWatch.observe(failed(TWO)))
})

test('bootstrap watch - reports nothing for a node without known peers', (t) => {
  const bootstrapWatch = new BootstrapWatch(() => [])
  t.false(bootstrapWatch.observe(failed(ONE)))
  t.false(bootstrapWatch.observe(failed(ONE)))
})

test('bootstrap watch - a name in DNS counts when it has answered for the fourth time', (t) => {
  const bootstrapWatch = new BootstrapWatch(() => [ONE, 'dns:a:1'])
  bootstrapWatch.observe(failed(ONE))
  bootstrapWatch.observe(failed(ONE))
  t.false(bootstrapWatch.asked('dns:a:1', 3))
  t.true(bootstrapWatch.asked('dns:a:1', 4))
  t.false(bootstrapWatch.asked('dns:a:1', 5))
})

test('bootstrap watch - counts known peers only, since peers can name any number of others', (t) => {
  const bootstrapWatch = new BootstrapWatch(() => [ONE])
  t.false(bootstrapWatch.observe(failed(ONE, false)))
  t.false(bootstrapWatch.observe(failed(ONE, false)))
  t.false(bootstrapWatch.observe(failed(ONE)))
  t.true(bootstrapWatch.observe(failed(ONE)))
})

test('bootstrap watch - ends when a peer has joined', (t) => {
  const bootstrapWatch = new BootstrapWatch(() => [ONE])
  t.false(bootstrapWatch.observe(failed(ONE)))
  t.false(bootstrapWatch.observe({ kind: 'peer-joined', address: TWO, connected: 1 }))
  t.false(bootstrapWatch.observe(failed(ONE)))
})
