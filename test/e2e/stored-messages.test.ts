/** DATA of the program: it belongs to one node, whatever became of the last one. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { NodeProcess } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('DATA - a second node is refused in one line, and a dead one does not block', async (t) => {
  const folder = join(temporaryFolder(t), 'data')
  mkdirSync(folder)
  const options = { settings: { DATA: folder } }
  const first = await NodeProcess.start(t, options)
  const second = await NodeProcess.create(t, options)
  const { code, stderr, stdout } = await second.run()
  t.is(code, 1)
  t.is(stdout, '')
  t.regex(stderr, /^\S+ is the DATA of another node, process \d+; [^\n]+\n$/)
  await first.stop('SIGKILL')
  await second.start()
  t.is((await second.stop()).code, 0)
})
