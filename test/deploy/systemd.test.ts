/** deploy/fullmesh@.service, as systemd itself reads it. */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { parseCli } from '../../src/cli/arguments.ts'
import { blocksIn, section } from '../docs/markdown.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const UNIT = 'fullmesh@.service'
const INSTANCE = 'fullmesh@node-1.service'
const UNIT_TEXT = readFileSync(join(REPOSITORY, 'deploy', UNIT), 'utf8')

/** Of 100; systemd calls up to 20 "OK", and a unit without any of these lines has 96. */
const EXPOSURE_MAX = 20

/** The unit, and what `systemctl edit` adds to it, with Node where this machine has it. */
function writeUnit(t: ExecutionContext, dropIn = ''): string {
  // Node may be elsewhere on this machine.
  const text = UNIT_TEXT.replaceAll('/usr/bin/node', process.execPath)
  return temporaryFolder(t, { [UNIT]: text, [`${INSTANCE}.d/override.conf`]: dropIn })
}

function analyze(cwd: string, ...words: readonly string[]) {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', words, { cwd, encoding: 'utf8' })
  return { status, text: stdout + stderr }
}

function verify(t: ExecutionContext, dropIn?: string) {
  return analyze(writeUnit(t, dropIn), 'verify', '--man=no', `./${INSTANCE}`)
}

test('systemd - has nothing to say against the unit, and finds it hardened', (t) => {
  t.deepEqual(verify(t), { status: 0, text: '' })
  const threshold = `--threshold=${EXPOSURE_MAX}`
  const security = analyze(writeUnit(t), 'security', '--offline=true', threshold, `./${UNIT}`)
  t.is(security.status, 0, security.text)
  // V8 compiles.
  t.notRegex(UNIT_TEXT, /^MemoryDenyWriteExecute/m)
})

test('systemd - has nothing to say against what the page adds to the unit', (t) => {
  const dropIns = blocksIn(section('docs/DEPLOY.md', 'systemd'), 'ini')
  t.is(dropIns.length, 1)
  for (const dropIn of dropIns) t.deepEqual(verify(t, dropIn), { status: 0, text: '' })
  t.regex(verify(t, '[Service]\nLoadCredentials=secret:/x').text, /LoadCredentials/)
})

test('systemd - the unit runs commands that the program has, and no restart mends exit code 2', (t) => {
  const lines = [...UNIT_TEXT.matchAll(/^(Exec\w+)=\/usr\/bin\/node index\.js ?(.*)$/gm)]
  t.deepEqual(
    lines.map(([, name, words = '']) => [name, parseCli(words.split(' ').filter(Boolean)).kind]),
    [
      ['ExecStart', 'run'],
      ['ExecStartPost', 'wait'],
    ],
  )
  t.regex(UNIT_TEXT, /^ExecReload=\/bin\/kill -HUP \$MAINPID$/m)
  t.regex(UNIT_TEXT, /^RestartPreventExitStatus=2$/m)
  t.regex(UNIT_TEXT, /^StartLimitIntervalSec=0$/m)
})
