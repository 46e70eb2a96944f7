/** What nobody may commit by mistake: secrets, and what nodes store. */

import { spawnSync } from 'node:child_process'
import test from 'ava'

/** Whether git leaves a path out, also one of a file that is there. */
function isIgnored(path: string): boolean {
  return spawnSync('git', ['check-ignore', '--no-index', '--quiet', path]).status === 0
}

test('ignored - secrets and stored messages are, the first node and its sources are not', (t) => {
  for (const path of [
    'deploy/mesh-secret',
    'node-1/secret',
    'node-1/data/log',
    'node-2/data/log',
    'node-2/secret',
  ]) {
    t.true(isIgnored(path), path)
  }
  for (const path of ['node-1/index.js', 'node-1/.env', 'deploy/compose.yaml', 'src/data/a.ts']) {
    t.false(isIgnored(path), path)
  }
})
