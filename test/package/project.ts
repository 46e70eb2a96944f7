/** The package, packed and installed once for all tests of a process, and projects that use it. */

import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import type { Run } from '../helpers/node-process.ts'
import { Packed } from '../helpers/packed.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { launchProgram } from '../tools/run-tool.ts'

let made: Packed | undefined

// Outside of the tests, which must not wait for one another.
test.before((t) => {
  t.timeout(120_000)
  made = new Packed()
})
test.after.always(() => made?.remove())

/** For tests only, before which it is made. */
export function packed(): Packed {
  if (made === undefined) throw new Error('not packed yet')
  return made
}

const README = readFileSync(join(REPOSITORY, 'README.md'), 'utf8')

/** The example of the README. */
export const EXAMPLE = /^```js\n([\s\S]*?)^```$/m.exec(README)?.[1] ?? ''

/** A folder of the project, where imports find the package. */
export function projectFolder(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
): string {
  const folder = temporaryFolder(t)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  symlinkSync(join(packed().project, 'node_modules'), join(folder, 'node_modules'))
  return folder
}

/** Runs a program of such a folder. */
export function runFile(t: ExecutionContext, name: string, text: string): Run['exit'] {
  const folder = projectFolder(t, { [name]: text })
  return launchProgram(t, process.execPath, [join(folder, name)], { cwd: folder }).exit
}

export function runModule(t: ExecutionContext, text: string): Run['exit'] {
  return runFile(t, 'program.mjs', text)
}
