import test from 'ava'
import { suggestedAddress } from '../../src/io/suggested-address.ts'

test('suggested address - has the IP of LISTEN that others reach, if there is one', async (t) => {
  const suggested = (listen: readonly string[], host?: string) =>
    suggestedAddress({ listen, port: 4001 }, host)
  t.is(await suggested(['127.0.0.1', '192.0.2.7', '192.0.2.8']), 'ws://192.0.2.7:4001')
  t.is(await suggested(['fe80::1%eth0', '2001:db8::7']), 'ws://[2001:db8::7]:4001')
  t.is(await suggested(['0.0.0.0', '::'], '127.0.0.1'), 'ws://127.0.0.1:4001')
  t.is(await suggested(['127.0.0.1'], 'localhost'), 'ws://127.0.0.1:4001')
})

test('suggested address - is a pattern where no IP of this machine is known', async (t) => {
  // Broadcasts need a permission that no program asks for.
  const own = { listen: [], port: 4001 }
  t.is(await suggestedAddress(own, '255.255.255.255'), 'ws://IP:4001')
})
