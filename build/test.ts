/**
 * `npm test` runs what this machine has everything for, within minutes; `npm run test:more` runs
 * the rest, and installs what that needs.
 */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { constants } from 'node:os'
import { dirname, join } from 'node:path'
import { updateBundle } from './bundle.ts'
import { runTool } from './command-line.ts'
import { NPM_CERTIFICATES } from './npm-install.ts'
import { REPOSITORY } from './repository.ts'
import { bundleTests, TESTS_FOLDER } from './test-bundles.ts'
import { groupsOf, runsOnce, type TestFile, testFiles } from './test-files.ts'
import { install, isMet } from './test-needs.ts'

const HELP = `
npm test             runs the tests that need nothing which this machine lacks
npm run test:more    runs the others; as root on Debian it installs what they need

  --matrix   without what is the same on every version of Node
  --tap      the report as TAP, for programs
  --help     this text

One file: npx ava test/mesh/backoff.test.ts
`

/** Only npm gets more certificates: they double each of some thousand starts of Node 20. */
const { NODE_EXTRA_CA_CERTS: certificates, ...rest } = process.env
const ENV = { ...rest, ...(certificates && { [NPM_CERTIFICATES]: certificates }) }

await runTool({
  name: 'test',
  help: HELP,
  flags: ['--matrix', '--more', '--tap'],
  async run({ flags }) {
    await updateBundle()
    const files = testFiles(REPOSITORY).filter((file) => !flags.has('--matrix') || !runsOnce(file))
    const others = files.filter(({ needs }) => !needs.every(isMet))
    const isMore = flags.has('--more')
    // Before anything is installed: what npm test left out is run now.
    const chosen = isMore ? others : files.filter((file) => !others.includes(file))
    if (isMore) await install([...new Set(others.flatMap(({ needs }) => needs))])
    const exitCode = await runTests(chosen, flags.has('--tap') ? ['--tap'] : [])
    if (!isMore) console.log(leftOutLines(others))
    return exitCode
  },
})

/** Two lines: what was not run, and how to run it. */
function leftOutLines(files: readonly TestFile[]): string {
  const missing = files.flatMap(({ needs }) => needs.filter((name) => !isMet(name)))
  const countOf = (name: string): number => missing.filter((other) => other === name).length
  const names = [...new Set(missing)].map((name) => `${name} (${countOf(name)})`)
  return `left out ${files.length} test files, which need ${names.join(', ')}\nnpm run test:more runs them: as root on Debian, it installs what is missing`
}

async function runTests(files: readonly TestFile[], words: readonly string[]): Promise<number> {
  let ava: ChildProcess | undefined
  let stopCode: number | undefined
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stopCode ??= 128 + constants.signals[signal]
      // A Ctrl-C at the terminal reaches ava, too. Of signals, this is the one at which it ends its
      // workers.
      if (signal !== 'SIGINT') ava?.kill('SIGINT')
    })
  }
  try {
    const paths = await bundleTests(groupsOf(files))
    if (stopCode !== undefined) return stopCode
    const cli = join(dirname(createRequire(import.meta.url).resolve('ava')), 'cli.mjs')
    ava = spawn(process.execPath, [cli, ...words, ...paths], {
      cwd: REPOSITORY,
      // For ava.config.js.
      env: { ...ENV, FULLMESH_TESTS: TESTS_FOLDER },
      stdio: 'inherit',
    })
    const [exitCode] = await once(ava, 'exit')
    return typeof exitCode === 'number' ? exitCode : 1
  } catch (error) {
    // A Ctrl-C at the terminal ends the bundler, too.
    if (stopCode !== undefined) return stopCode
    throw error
  } finally {
    // Or else a later `npx ava` would run these tests twice.
    rmSync(join(REPOSITORY, TESTS_FOLDER), { recursive: true, force: true })
  }
}
