import test from 'ava'
import { isOwnMachine, remoteHostOf } from '../../src/io/remote-host.ts'
import { hostOfIp } from '../../src/mesh/address/ip.ts'

test('remote host - loopback and our own IPs are our own machine', (t) => {
  for (const ip of ['127.0.0.1', '127.1.2.3', '::1', '::ffff:127.0.0.1', '192.0.2.7']) {
    t.true(isOwnMachine({ remoteAddress: ip, localAddress: ip }), ip)
    t.is(remoteHostOf({ remoteAddress: ip, localAddress: ip }), undefined, ip)
  }
  t.false(isOwnMachine({ remoteAddress: '192.0.2.8', localAddress: '192.0.2.7' }))
  t.is(remoteHostOf({ remoteAddress: '192.0.2.8', localAddress: '192.0.2.7' }), '192.0.2.8')
})

test('remote host - a closed socket is not our own machine', (t) => {
  t.false(isOwnMachine({}))
})

test('remote host - an IPv6 network of 64 bits is one host, in any spelling', (t) => {
  const host = hostOfIp('2001:db8::1')
  for (const ip of ['2001:db8::2', '2001:db8:0:0:9::1', '2001:db8:0:0:1:2:3:4']) {
    t.is(hostOfIp(ip), host, ip)
  }
  t.not(hostOfIp('2001:db8:0:1::1'), host)
})

test('remote host - IPv4 and IPv4-mapped IPv6 are one host', (t) => {
  t.is(hostOfIp('::ffff:192.0.2.1'), hostOfIp('192.0.2.1'))
  t.not(hostOfIp('::ffff:192.0.2.2'), hostOfIp('192.0.2.1'))
})
