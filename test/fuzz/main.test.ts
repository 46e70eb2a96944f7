/** `npm run fuzz` as a process: what it takes. */

import test from 'ava'
import { launchCompiled } from '../tools/run-tool.ts'

test('fuzz - a path needs the target and the seed that it is of', async (t) => {
  for (const words of [[], ['--target', 'core'], ['--seed', '1']]) {
    const { code, stderr } = await launchCompiled(t, 'test/fuzz/main.ts', ['--path', '0', ...words])
      .exit
    t.is(code, 2)
    t.is(stderr, 'fuzz: --path needs --target and --seed\n')
  }
  const all = ['--path', '0', '--target', 'core', '--seed', '1']
  const { code, stdout } = await launchCompiled(t, 'test/fuzz/main.ts', all).exit
  t.deepEqual({ code, stdout }, { code: 0, stdout: 'nothing found\n' })
})
