/**
 * Tests the simulator itself: for each mechanism of the core it runs with a core in which that
 * mechanism is broken, and must detect it.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { build } from 'esbuild'
import { REPOSITORY } from '../../build/repository.ts'
import { MESSAGE_MUTANTS } from './messages/message-mutants.ts'
import { SEEDS_MAX } from './mutant-run.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

for (const mutant of [...MUTANTS, ...MESSAGE_MUTANTS]) {
  test.serial(`simulator - detects a broken mechanism: ${mutant.mechanism}`, async (t) => {
    const { firstProblem } = await loadBroken(mutant)
    const problem = firstProblem(mutant.seed, mutant.scenario)
    t.not(problem, undefined, `${SEEDS_MAX} seeds are green`)
    if (problem !== undefined) t.log(problem)
  })
}

/** The simulator in one file, with a core in which this mechanism is broken. */
async function loadBroken({ file, ...change }: Mutant): Promise<typeof import('./mutant-run.ts')> {
  const path = join(REPOSITORY, 'src', file)
  let isBroken = false
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'mutant-run.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
    tsconfigRaw: {},
    plugins: [
      {
        name: 'mutant',
        setup({ onLoad }) {
          onLoad({ filter: /\.ts$/ }, (loaded) => {
            if (loaded.path !== path) return undefined
            isBroken = true
            return { contents: broken(path, change), loader: 'ts' }
          })
        },
      },
    ],
  })
  if (!isBroken) throw new Error(`${file} is not in the simulator`)
  return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
}

/**
 * @throws {Error} when the source no longer has the text that is to be replaced: then mutants.ts is
 * out of date
 */
function broken(path: string, { search, replace }: Pick<Mutant, 'search' | 'replace'>): string {
  const parts = readFileSync(path, 'utf8').split(search)
  if (parts.length !== 2) {
    throw new Error(`${path} has ${parts.length - 1} times, not once: ${search}`)
  }
  return parts.join(replace)
}
