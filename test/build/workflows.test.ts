/**
 * What can be known of the GitHub workflows without running them: they can be read, nothing in them
 * can change behind our back, and no job may do more than it has to.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { parse } from 'yaml'
import { REPOSITORY } from '../../build/repository.ts'

const FOLDER = join(REPOSITORY, '.github/workflows')
const NAMES = readdirSync(FOLDER)

interface Workflow {
  readonly permissions?: Permissions
  readonly jobs: Readonly<Record<string, Job>>
}

type Permissions = Readonly<Record<string, string>>

interface Job {
  readonly needs?: string | readonly string[]
  readonly uses?: string
  readonly permissions?: Permissions
  readonly 'timeout-minutes'?: number
  readonly steps?: readonly Step[]
}

interface Step {
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}

function read(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8')
}

function workflow(name: string): Workflow {
  return parse(read(name))
}

for (const name of NAMES) {
  const { permissions, jobs } = workflow(name)

  test(`workflows - every action in ${name} is pinned to a commit and names its version`, (t) => {
    for (const [, action = ''] of read(name).matchAll(/^\s*(?:- )?uses: (.*)$/gm)) {
      t.regex(action, /^(?:\.\/\S+|[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$/)
    }
  })

  test(`workflows - rights in ${name} are given job by job`, (t) => {
    t.true(permissions !== undefined)
    for (const right of Object.values(permissions ?? {})) t.is(right, 'read')
  })

  for (const [id, job] of Object.entries(jobs)) {
    const steps = job.steps ?? []

    test(`workflows - the job ${id} of ${name} comes to an end, after jobs that exist`, (t) => {
      t.true(job.uses !== undefined || (job['timeout-minutes'] ?? 0) > 0)
      for (const other of [job.needs ?? []].flat()) t.true(other in jobs, other)
    })

    test(`workflows - the job ${id} of ${name} runs no text of others as a command`, (t) => {
      const commands = steps.map(({ run = '' }) => run)
      t.deepEqual(
        commands.filter((command) => command.includes('${{')),
        [],
      )
    })

    test(`workflows - the job ${id} of ${name} leaves no token behind`, (t) => {
      const checkouts = steps.filter(({ uses }) => uses?.startsWith('actions/checkout@'))
      const kept = checkouts.filter((step) => step.with?.['persist-credentials'] !== false)
      t.deepEqual(kept, [])
    })

    test(`workflows - the job ${id} of ${name} runs packages only without rights to write`, (t) => {
      const canWrite = Object.values(job.permissions ?? {}).includes('write')
      const runsPackages = steps.some(({ run }) =>
        /npm (?:ci|install|run|test|pack)/.test(run ?? ''),
      )
      t.false(canWrite && runsPackages)
    })
  }
}

test('workflows - no secret is needed but the token of the run', (t) => {
  for (const name of NAMES) t.notRegex(read(name), /secrets\./)
})
