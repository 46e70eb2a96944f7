/** The address that a node announces, by ADDRESS and LISTEN, and when peers cannot dial it. */

import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { parseOptions } from '../../src/node/options.ts'
import { configOf } from '../helpers/node-config.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('config - listens on all interfaces when ADDRESS is set', (t) => {
  t.deepEqual(configOf(t, 'PORT=4001\nADDRESS=ws://192.0.2.7:4001').listen, ['0.0.0.0', '::'])
  t.deepEqual(configOf(t, 'PORT=4001\nADDRESS=ws://localhost:4001').listen, ['127.0.0.1', '::1'])
})

/** LISTEN, and the address that the node announces, with PORT=4001 and no ADDRESS. */
const DEFAULT_ADDRESSES = [
  ['127.0.0.1', 'ws://localhost:4001'],
  ['::1', 'ws://localhost:4001'],
  ['127.0.0.2,::1', 'ws://localhost:4001'],
  ['127.0.0.2', 'ws://127.0.0.2:4001'],
  ['192.0.2.7', 'ws://192.0.2.7:4001'],
  ['2001:DB8::7,192.0.2.7', 'ws://[2001:db8::7]:4001'],
  ['fe80::1%eth0,192.0.2.7', 'ws://192.0.2.7:4001'],
] as const

for (const [listen, address] of DEFAULT_ADDRESSES) {
  test(`config - announces ${address} when LISTEN is ${listen}`, (t) => {
    const dir = temporaryFolder(t, { '.env': `PORT=4001\nLISTEN=${listen}` })
    const config = readConfig({ dir, env: {} })
    t.is<string, string>(config.address, address)
    t.is(config.listenSubject, `LISTEN in ${join(dir, '.env')}`)
    t.deepEqual(config.warnings, [])
  })
}

const BEYOND_ADDRESS = [
  ['0.0.0.0', '0.0.0.0', 'ws://localhost:4001'],
  ['0.0.0.0,::', '0.0.0.0', 'ws://localhost:4001'],
  ['127.0.0.1,192.0.2.7', '192.0.2.7', 'ws://localhost:4001'],
  ['127.0.0.2,192.0.2.7', '192.0.2.7', 'ws://127.0.0.2:4001'],
  ['fe80::1%eth0', 'fe80::1%eth0', 'ws://localhost:4001'],
] as const

for (const [listen, ip, address] of BEYOND_ADDRESS) {
  test(`config - warns that LISTEN ${listen} needs an ADDRESS`, (t) => {
    const dir = temporaryFolder(t, { '.env': `PORT=4001\nLISTEN=${listen}` })
    const { warnings } = readConfig({ dir, env: {} })
    t.is(warnings.length, 1)
    for (const fact of [join(dir, '.env'), `has ${ip},`, address, 'set ADDRESS']) {
      t.true(warnings[0]?.includes(fact), warnings[0])
    }
    const env = { LISTEN: listen }
    t.regex(readConfig({ dir, env }).warnings[0] ?? '', /^the environment variable LISTEN has /)
    t.deepEqual(readConfig({ dir, env: { ADDRESS: 'ws://192.0.2.7:4001' } }).warnings, [])
  })
}

for (const ip of ['169.254.1.2', '240.0.0.1', '[fe80::1]', '224.0.0.1']) {
  test(`config - warns that no peer dials the address ${ip}`, (t) => {
    const { warnings } = configOf(t, `PORT=4001\nADDRESS=ws://${ip}:4001`)
    t.is(warnings.length, 1)
    t.regex(warnings[0] ?? '', /^ADDRESS in .*\.env is ws:.*:4001, a link-local, .* no peer dials/)
  })
}

test('config - with lan, ADDRESS is auto unless ADDRESS or LISTEN is set', (t) => {
  const isAuto = (lines: string) =>
    configOf(t, `PORT=4001\nKNOWN_PEERS=lan\n${lines}`).isAddressAuto
  t.true(isAuto(''))
  t.true(isAuto('ADDRESS=auto\nLISTEN=0.0.0.0'))
  t.false(isAuto('ADDRESS=ws://localhost:4001'))
  t.false(isAuto('LISTEN=127.0.0.1'))
  t.false(configOf(t, 'PORT=4001\nKNOWN_PEERS=dns:mesh.example:1').isAddressAuto)
})

for (const [text, address] of [
  ['auto', 'ws://localhost:4001'],
  ['ws://auto', 'ws://localhost:4001'],
  ['wss://auto', 'wss://localhost:4001'],
  ['WSS://Auto/', 'wss://localhost:4001'],
] as const) {
  test(`config - ADDRESS may be ${text}, which the program finds, and the library refuses`, (t) => {
    const env = { SECRET: 'a secret of more than 32 characters, the first' }
    const config = configOf(t, `PORT=4001\nADDRESS=${text}\nLISTEN=0.0.0.0\n`, env)
    const isSecure = address.startsWith('wss:')
    t.like(config, { isAddressAuto: true, isAddressSet: true, isSecure, warnings: [] })
    t.is<string, string>(config.address, address)
    const refusal = () => parseOptions({ port: 4001, address: text })
    const because = `got '${text}', which only the program takes`
    throwsNodeError(t, refusal, 'CONFIG_ADDRESS_INVALID', 'the option address', because)
  })
}

test('config - auto has neither a port nor a path, and with wss it needs a secret', (t) => {
  const read = (text: string) => () => configOf(t, `PORT=4001\nADDRESS=${text}\n`)
  for (const text of ['wss://auto:4001', 'ws://auto/path', 'wss://AUTO.']) {
    throwsNodeError(t, read(text), 'CONFIG_ADDRESS_INVALID', `'${text}', which has more than auto`)
  }
  throwsNodeError(t, read('wss://auto'), 'CONFIG_TLS_INVALID', ' is wss://auto, which needs a secr')
})
