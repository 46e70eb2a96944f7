/**
 * `npm run fuzz`: all code that reads input from peers, with inputs from fast-check, for a time.
 *
 *     npm run fuzz                                   60 s, from a random seed on
 *     npm run fuzz -- --seconds 600 --seed 123       longer, or as it was
 *     npm run fuzz -- --target core                  one target
 *     npm run fuzz -- --target core --seed 123 --path 4:1:0     one input, as a failure names it
 */

import { EXIT_USAGE, runTool, ToolError } from '../../build/command-line.ts'
import { type Finding, fuzz, replay } from './fuzz.ts'
import { TARGETS, type Target } from './targets.ts'

const SECONDS = 60

const HELP = `
npm run fuzz -- [--seconds N] [--seed S] [--target NAME]
npm run fuzz -- --target NAME --seed S --path PATH

Tries inputs for N seconds (default ${SECONDS}) and exits with 1 at the first finding.
Targets: ${TARGETS.map(({ name }) => name).join(', ')}
`

await runTool({
  name: 'fuzz',
  help: HELP,
  values: ['--seconds', '--seed', '--target', '--path'],
  run({ values }) {
    const seconds = numberIn('--seconds', values.get('--seconds') ?? String(SECONDS))
    const seed = numberIn(
      '--seed',
      values.get('--seed') ?? String(Math.floor(Math.random() * 2 ** 31)),
    )
    const targets = targetsCalled(values.get('--target'))
    const path = values.get('--path')
    const [target] = targets
    if (path !== undefined) {
      if (target === undefined || !values.has('--target') || !values.has('--seed')) {
        throw new ToolError('--path needs --target and --seed', EXIT_USAGE)
      }
      return report(replay(target, seed, path))
    }
    const { runs, finding } = fuzz(targets, { forMs: seconds * 1000, seed })
    const counts = [...runs].map(([name, count]) => `${count} ${name}`).join(', ')
    console.log(`seed ${seed}, inputs tried: ${counts}`)
    return report(finding)
  },
})

function report(finding: Finding | undefined): number {
  if (finding === undefined) {
    console.log('nothing found')
    return 0
  }
  const { target, seed, path } = finding
  console.log(finding.report)
  console.log(`again: npm run fuzz -- --target ${target} --seed ${seed} --path ${path}`)
  return 1
}

function targetsCalled(name: string | undefined): readonly Target[] {
  if (name === undefined) return TARGETS
  const target = TARGETS.find((one) => one.name === name)
  if (target === undefined)
    throw new ToolError(`no target is called '${name}', try --help`, EXIT_USAGE)
  return [target]
}

function numberIn(option: string, text: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isFinite(number)) return number
  throw new ToolError(`${option} must be a number, got '${text}'`, EXIT_USAGE)
}
