/**
 * The test of the tests: for each mechanism of the core, the simulator runs against a copy of the
 * source in which it is broken, and has to notice.
 */

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import test from 'ava'
import { MUTANTS, type Mutant } from './mutants.ts'

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url))

/** Seeds after which a broken mechanism counts as unnoticed. */
const SEEDS_MAX = 400

for (const mutant of MUTANTS) {
  test.serial(`the simulator notices a broken mechanism - ${mutant.mechanism}`, async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'fullmesh-mutant-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    copyBroken(mutant, folder)
    const noticed = await firstNoticed(folder, mutant.seed)
    t.not(noticed, undefined, `${SEEDS_MAX} seeds are green`)
    if (noticed !== undefined) t.log(noticed)
  })
}

/**
 * @throws {Error} when the source no longer has the text that is to be replaced: then mutants.ts is
 * out of date
 */
function copyBroken({ file, search, replace }: Mutant, folder: string): void {
  for (const part of ['src/mesh', 'src/wire', 'test/sim']) {
    cpSync(join(REPOSITORY, part), join(folder, part), { recursive: true })
  }
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  const path = join(folder, 'src', file)
  const source = readFileSync(path, 'utf8')
  const parts = source.split(search)
  if (parts.length !== 2) {
    throw new Error(`${file} has ${parts.length - 1} times, not once: ${search}`)
  }
  writeFileSync(path, parts.join(replace))
}

async function firstNoticed(folder: string, first: number): Promise<string | undefined> {
  const at = (file: string): string => pathToFileURL(join(folder, 'test/sim', file)).href
  const { carryOut } = (await import(at('run.ts'))) as typeof import('./run.ts')
  const { planFor } = (await import(at('plan.ts'))) as typeof import('./plan.ts')
  for (let tried = -1; tried < SEEDS_MAX; tried += 1) {
    const seed = tried === -1 ? first : tried
    const { problem } = carryOut(planFor(seed))
    if (problem !== undefined) return `seed ${seed}: ${problem.split('\n')[0]}`
  }
  return undefined
}
