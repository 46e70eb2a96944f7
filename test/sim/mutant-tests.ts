/**
 * Tests of the simulator itself: for each mechanism of the core it runs with a core in which that
 * mechanism is broken, and must detect it; with a whole core the same runs have no problem.
 */

import { readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { TestFn } from 'ava'
import { context } from 'esbuild'
import { REPOSITORY } from '../../build/repository.ts'
import { FIRST_WITH_MESSAGES, SEEDS_MAX } from './mutant-run.ts'
import type { Mutant } from './mutants.ts'
import { MESSAGE_REGRESSIONS, REGRESSIONS } from './regressions.ts'

/** Errors of a replacement that is wrong itself, which would detect nothing. */
const BROKEN_REPLACEMENT = /\b(?:Reference|Syntax|Type)Error\b/

/** Adds a test for each of these, and one of the same runs with nothing broken. */
export function detects(test: TestFn, mutants: readonly Mutant[]): void {
  const bundler = bundlerFor(mutants)
  test.after.always(() => bundler.dispose())

  for (const each of mutants) {
    test.serial(`simulator - detects a broken mechanism: ${each.mechanism}`, async (t) => {
      const { firstProblem } = await bundler.load(each)
      const problem = firstProblem(each.seed, each.scenario)
      if (problem === undefined) return t.fail(`${SEEDS_MAX} seeds are green`)
      t.log(problem)
      t.true(problem.startsWith(`seed ${each.seed}: `), `${each.seed} is green, and ${problem}`)
      t.notRegex(problem, BROKEN_REPLACEMENT)
    })
  }

  test.serial('simulator - finds nothing in these runs when nothing is broken', async (t) => {
    const { problemOf } = await bundler.load(undefined)
    const runs = mutants.map(({ scenario = 'plan', seed }) => ({ scenario, seed }))
    const byName = new Map(runs.map((run) => [`${run.scenario} ${run.seed}`, run]))
    for (const name of IN_OTHER_TESTS) byName.delete(name)
    t.true(byName.size > 0)
    for (const [name, { scenario, seed }] of byName)
      t.is(problemOf(seed, scenario), undefined, name)
  })
}

/** Runs that other tests make: some of these take seconds. */
const IN_OTHER_TESTS = [
  ...REGRESSIONS.map((seed) => `plan ${seed}`),
  ...MESSAGE_REGRESSIONS.map((seed) => `messages ${seed - FIRST_WITH_MESSAGES}`),
]

/** Makes the simulator one file. What is not broken is parsed once. */
function bundlerFor(mutants: readonly Mutant[]) {
  // Only these are asked of the plugin, which takes as long as all else for a file.
  const names = new Set(mutants.map(({ file }) => basename(file)))
  const filter = new RegExp(`(?:${[...names].join('|')})$`)
  let mutant: Mutant | undefined
  /** How often a broken file was loaded. */
  let loads = 0
  const begun = context({
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
          onLoad({ filter }, ({ path }) => {
            if (mutant === undefined || path !== join(REPOSITORY, 'src', mutant.file))
              return undefined
            loads += 1
            return { contents: broken(path, mutant), loader: 'ts' }
          })
        },
      },
    ],
  })
  return {
    /** The simulator with a core in which this mechanism is broken, or none. */
    async load(next: Mutant | undefined): Promise<typeof import('./mutant-run.ts')> {
      mutant = next
      const loadsBefore = loads
      const { outputFiles } = await (await begun).rebuild()
      if (next !== undefined && loads === loadsBefore) {
        throw new Error(`${next.file} is not in the simulator`)
      }
      return import(`data:text/javascript,${encodeURIComponent(outputFiles[0]?.text ?? '')}`)
    },
    dispose: async () => (await begun).dispose(),
  }
}

/**
 * @throws {Error} when the source no longer has the text that is to be replaced: then the list of
 * mutants is out of date
 */
function broken(path: string, { search, replace }: Pick<Mutant, 'search' | 'replace'>): string {
  const parts = readFileSync(path, 'utf8').split(search)
  if (parts.length !== 2) {
    throw new Error(`${path} has ${parts.length - 1} times, not once: ${search}`)
  }
  return parts.join(replace)
}
