import test from 'ava'
import { listenErrorFor } from '../../src/errors/listen-error.ts'
import { NodeError } from '../../src/errors/node-error.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

/** Throws the error for a failure to listen on 192.0.2.7. */
function refusal(cause: Error, port: number, portSource: string): () => never {
  return () => {
    throw listenErrorFor(cause, '192.0.2.7', { port, portSource })
  }
}

function systemError(code: string): Error {
  return Object.assign(new Error(`listen ${code}`), { code })
}

test('node error - explains a port in use, with exit code 1', (t) => {
  const cause = systemError('EADDRINUSE')
  const act = refusal(cause, 4001, '/x/.env')
  const error = throwsNodeError(t, act, 'LISTEN_PORT_IN_USE', '4001', 'stop it', '/x/.env')
  t.is(error.exitCode, 1)
  t.is(error.cause, cause)
  t.is(error.name, 'NodeError')
})

test('node error - explains a port or an address that the system refuses', (t) => {
  const source = 'the environment variable PORT'
  const low = refusal(systemError('EACCES'), 80, source)
  const notPermitted = throwsNodeError(t, low, 'LISTEN_PORT_NOT_PERMITTED', '80', '1023', source)
  t.is(notPermitted.exitCode, 2)
  for (const [code, exitCode] of [
    // An interface may come up later.
    ['EADDRNOTAVAIL', 1],
    ['EAFNOSUPPORT', 2],
    ['EINVAL', 2],
  ] as const) {
    const act = refusal(systemError(code), 4001, source)
    const facts = ["'192.0.2.7'", '4001', 'LISTEN']
    t.is(throwsNodeError(t, act, 'LISTEN_ADDRESS_UNAVAILABLE', ...facts).exitCode, exitCode)
  }
})

test('node error - explains no other error', (t) => {
  const where = { port: 4001, portSource: '/x/.env' }
  t.is(listenErrorFor(systemError('EPIPE'), '192.0.2.7', where), undefined)
  t.is(listenErrorFor(new Error('a bug'), '192.0.2.7', where), undefined)
})

test('node error - has no cause when none is given', (t) => {
  t.false('cause' in new NodeError('CONFIG_PORT_MISSING', '/x/.env has no PORT'))
})
