/** deploy/fullmesh@.service, as systemd itself reads it. */

import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const UNIT = 'fullmesh@.service'

/** Of 100; systemd calls up to 20 "OK", and a unit without any of these lines has 96. */
const EXPOSURE_MAX = 20

test('systemd - has nothing to say against the unit, and finds it hardened', (t) => {
  const folder = temporaryFolder(t)
  const text = readFileSync(join(REPOSITORY, 'deploy', UNIT), 'utf8')
  t.true(text.includes('ExecStart=/usr/bin/node index.js'))
  // Node may be elsewhere on this machine.
  writeFileSync(join(folder, UNIT), text.replaceAll('/usr/bin/node', process.execPath))
  const analyze = (...words: readonly string[]) =>
    spawnSync('systemd-analyze', words, { cwd: folder, encoding: 'utf8' })
  const verified = analyze('verify', '--man=no', `./${UNIT.replace('@', '@node-1')}`)
  t.is(verified.stdout + verified.stderr, '')
  t.is(verified.status, 0)
  const security = analyze('security', '--offline=true', `--threshold=${EXPOSURE_MAX}`, `./${UNIT}`)
  t.is(security.status, 0, security.stdout)
})
