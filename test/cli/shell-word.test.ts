import test from 'ava'
import { shellWord } from '../../src/cli/shell-word.ts'

test('shell word - is quoted where a shell would change it', (t) => {
  t.is(shellWord('/srv/node-1', 'linux'), '/srv/node-1')
  t.is(shellWord('/srv/my node', 'linux'), '"/srv/my node"')
  t.is(shellWord('/srv/a$b"c`d', 'linux'), '"/srv/a\\$b\\"c\\`d"')
  t.is(shellWord('', 'linux'), '""')
  t.is(shellWord('C:\\my node', 'win32'), '"C:\\my node"')
})
