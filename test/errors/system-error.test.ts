import test from 'ava'
import { listenErrorFor } from '../../src/errors/listen-error.ts'
import { NodeError } from '../../src/errors/node-error.ts'
import { processProblem, refusalOf } from '../../src/errors/system-error.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'

function errorOf(name: string, message: string): Error {
  return Object.assign(new Error(message), { name })
}

for (const name of ['NotCapable', 'PermissionDenied']) {
  test(`permissions - ${name} of Deno becomes a line that names the flag`, (t) => {
    const cause = errorOf(
      name,
      'Requires read access to "/x/.env", run again with the --allow-read flag',
    )
    const error = throwsNodeError(
      t,
      () => {
        throw processProblem(cause)
      },
      'RUNTIME_PERMISSION_MISSING',
      '--allow-read is missing',
      'read access to "/x/.env"',
    )
    t.is(error.exitCode, 2)
    t.is(error.cause, cause)
  })
}

test('permissions - other errors are none', (t) => {
  const text = 'Requires read access to "/x", run again with the --allow-read flag'
  for (const error of [
    errorOf('Error', text),
    errorOf('PermissionDenied', 'Permission denied (os error 13)'),
    text,
    undefined,
  ]) {
    t.is(processProblem(error), undefined)
  }
})

for (const [code, says] of [
  ['EMFILE', /^no file descriptors left, this process may have \d+; raise the limit .*ulimit -n/],
  ['ENFILE', /^no file descriptors left; raise the limit .*ulimit -n/],
] as const) {
  test(`descriptors - ${code} becomes a line with the fix`, (t) => {
    const cause = Object.assign(new Error('listen'), { code })
    const error = t.throws(() => refusalOf(cause), { instanceOf: NodeError })
    t.like(error, { code: 'RUNTIME_NO_DESCRIPTORS', exitCode: 1, cause })
    t.regex(error?.message ?? '', says)
    t.deepEqual(listenErrorFor(cause, '::1', { port: 1, portSource: 'x' })?.code, error?.code)
  })
}
