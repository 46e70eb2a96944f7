import test from 'ava'
import {
  listenAddressUnavailable,
  portInUse,
  portNotPermitted,
} from '../../src/errors/listen-errors.ts'
import type { NodeError } from '../../src/errors/node-error.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

function thrown(error: NodeError): () => never {
  return () => {
    throw error
  }
}

test('node error - explains a port in use, with exit code 1', (t) => {
  const cause = new Error('listen EADDRINUSE')
  const error = portInUse(4001, '/x/.env', cause)
  throwsNodeError(t, thrown(error), 'LISTEN_PORT_IN_USE', '4001', 'stop it', '/x/.env')
  t.is(error.exitCode, 1)
  t.is(error.cause, cause)
  t.is(error.name, 'NodeError')
})

test('node error - explains a port or an address that the system refuses, with exit code 2', (t) => {
  const notPermitted = portNotPermitted(80, 'the environment variable PORT')
  throwsNodeError(
    t,
    thrown(notPermitted),
    'LISTEN_PORT_NOT_PERMITTED',
    '80',
    '1023',
    'environment variable',
  )
  t.is(notPermitted.exitCode, 2)
  const unavailable = listenAddressUnavailable('192.0.2.7', 4001)
  throwsNodeError(
    t,
    thrown(unavailable),
    'LISTEN_ADDRESS_UNAVAILABLE',
    "'192.0.2.7'",
    '4001',
    'LISTEN',
  )
  t.is(unavailable.exitCode, 2)
})

test('node error - has no cause when none is given', (t) => {
  t.false('cause' in portInUse(4001, '/x/.env'))
})
