/**
 * Tests the simulator itself: for each mechanism of the core it runs with a core in which that
 * mechanism is broken, and must detect it.
 */

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import test from 'ava'
import { context } from 'esbuild'
import { REPOSITORY } from '../../build/repository.ts'
import { MESSAGE_MUTANTS } from './messages/message-mutants.ts'
import { SEEDS_MAX } from './mutant-run.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

const ALL = [...MUTANTS, ...MESSAGE_MUTANTS]

/** Only these are asked of the plugin, which takes as long as all else for a file. */
const BROKEN_FILES = new RegExp(
  `(?:${[...new Set(ALL.map(({ file }) => basename(file)))].join('|')})$`,
)

let mutant: Mutant | undefined
/** How often a broken file was loaded. */
let loads = 0

/** The simulator in one file. What is not broken is parsed once. */
const bundler = context({
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
        onLoad({ filter: BROKEN_FILES }, ({ path }) => {
          if (mutant === undefined || path !== join(REPOSITORY, 'src', mutant.file))
            return undefined
          loads += 1
          return { contents: broken(path, mutant), loader: 'ts' }
        })
      },
    },
  ],
})

test.after.always(async () => (await bundler).dispose())

for (const each of ALL) {
  test.serial(`simulator - detects a broken mechanism: ${each.mechanism}`, async (t) => {
    const { firstProblem } = await loadBroken(each)
    const problem = firstProblem(each.seed, each.scenario)
    t.not(problem, undefined, `${SEEDS_MAX} seeds are green`)
    if (problem !== undefined) t.log(problem)
  })
}

/** The simulator with a core in which this mechanism is broken. */
async function loadBroken(next: Mutant): Promise<typeof import('./mutant-run.ts')> {
  mutant = next
  const loadsBefore = loads
  const { outputFiles } = await (await bundler).rebuild()
  if (loads === loadsBefore) throw new Error(`${next.file} is not in the simulator`)
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
