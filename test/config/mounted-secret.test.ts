/** A secret that is mounted where `SECRET_FILE` says, with the mode that the mount has. */

import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const SECRET = 'a secret of more than 32 characters'

test('secrets - a mounted file has the mode of its mount, and no warning', (t) => {
  const dir = temporaryFolder(t, { '.env': 'PORT=4001\n', secret: SECRET })
  const mount = temporaryFolder(t, { secret: SECRET })
  const file = join(mount, 'secret')
  for (const mode of [0o400, 0o440, 0o444, 0o644]) {
    for (const each of [file, join(dir, 'secret')]) chmodSync(each, mode)
    const mounted = readConfig({ dir, env: { SECRET_FILE: file } })
    t.like(mounted, { secrets: [SECRET], secretFile: file, warnings: [] }, mode.toString(8))
    // The advice can be followed in the folder of the node.
    t.is(readConfig({ dir, env: {} }).warnings.length, mode === 0o400 ? 0 : 1)
  }
})
