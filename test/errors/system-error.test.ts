import test from 'ava'
import { missingPermission } from '../../src/errors/system-error.ts'
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
        throw missingPermission(cause)
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
    t.is(missingPermission(error), undefined)
  }
})
