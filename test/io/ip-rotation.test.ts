import test from 'ava'
import { IpRotation } from '../../src/io/ip-rotation.ts'
import { DIAL_IP_MISSED_MS, DIALED_IPS_MAX } from '../../src/io/limits.ts'
import { address } from '../helpers/core.ts'

const NAME = address('ws://mesh.test:4001')
const [A, B, C] = ['10.9.0.1', '10.9.0.2', '10.9.0.3'] as const

test('IP rotation - keeps the order of IPs that were never dialed', (t) => {
  t.deepEqual(new IpRotation().order(NAME, [B, A, C]), [B, A, C])
})

test('IP rotation - begins with the IPs that were dialed least recently', (t) => {
  const rotation = new IpRotation()
  rotation.reached(NAME, A, 1_000)
  rotation.reached(NAME, B, 2_000)
  t.deepEqual(rotation.order(NAME, [A, B, C]), [C, A, B])
})

test('IP rotation - a missed IP comes last for a while, and no longer', (t) => {
  const rotation = new IpRotation()
  rotation.missed(NAME, A, 0)
  rotation.reached(NAME, B, DIAL_IP_MISSED_MS - 1)
  t.deepEqual(rotation.order(NAME, [A, B]), [B, A])
  rotation.reached(NAME, B, DIAL_IP_MISSED_MS + 1)
  t.deepEqual(rotation.order(NAME, [A, B]), [A, B])
})

test('IP rotation - tells ports of one IP apart, and not names', (t) => {
  const rotation = new IpRotation()
  rotation.missed(NAME, A, 0)
  t.deepEqual(rotation.order(address('ws://mesh.test:4002'), [A, B]), [A, B])
  t.deepEqual(rotation.order(address('ws://other.test:4001'), [A, B]), [B, A])
})

test('IP rotation - both IPs of localhost keep their order', (t) => {
  const rotation = new IpRotation()
  const localhost = address('ws://localhost:4001')
  rotation.missed(localhost, '127.0.0.1', 0)
  t.deepEqual(rotation.order(localhost, ['127.0.0.1', '::1']), ['127.0.0.1', '::1'])
})

test('IP rotation - remembers as many IPs as its limit', (t) => {
  const rotation = new IpRotation()
  rotation.missed(NAME, A, 0)
  for (let index = 1; index < DIALED_IPS_MAX; index += 1) {
    rotation.reached(NAME, `10.8.${index >> 8}.${index & 255}`, 0)
  }
  t.deepEqual(rotation.order(NAME, [A, B]), [B, A])
  rotation.reached(NAME, '10.7.0.1', 0)
  t.deepEqual(rotation.order(NAME, [A, B]), [A, B])
})
