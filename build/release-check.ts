/**
 * `npm run release-check`: checks that all files contain the same version. With `--notes` it prints
 * the text of that version in CHANGELOG.md.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_PATH } from './bundle.ts'
import { isEntryPoint, runTool, ToolError } from './command-line.ts'
import { REPOSITORY } from './repository.ts'

/** Semantic Versioning 2.0.0, as far as we use it. */
const VERSION = /\d+\.\d+\.\d+(?:-[\w.]+)?/

/** The heading of a release: its version and its day. */
const RELEASE_HEADING = new RegExp(`^## (${VERSION.source}), \\d{4}-\\d\\d-\\d\\d$`)

export function versionOfPackage(repository: string): string {
  return JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8')).version
}

/** The version that the bundle prints; undefined when it prints none. */
export function versionOfBundle(repository: string): string | undefined {
  const words = [join(repository, BUNDLE_PATH), '--version']
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return VERSION.exec(stdout)?.[0]
}

/** Each place with another version than package.json, as a line to print. */
export function disagreements(repository: string, tag?: string): readonly string[] {
  const text = (path: string): string => readFileSync(join(repository, path), 'utf8')
  const lock: { version?: string; packages?: Record<string, { version?: string }> } = JSON.parse(
    text('package-lock.json'),
  )
  const heading = /^## .*$/m.exec(text('CHANGELOG.md'))?.[0] ?? ''
  const claims: Readonly<Record<string, string | undefined>> = {
    'package-lock.json': lock.version,
    "package-lock.json, packages['']": lock.packages?.['']?.version,
    'CHANGELOG.md, top heading': RELEASE_HEADING.exec(heading)?.[1],
    [`${BUNDLE_PATH} --version`]: versionOfBundle(repository),
    ...(tag !== undefined && { tag: /^v(.*)$/.exec(tag)?.[1] ?? tag }),
  }
  const version = versionOfPackage(repository)
  return Object.entries(claims)
    .filter(([, claimed]) => claimed !== version)
    .map(([place, claimed]) => `${place} has ${claimed ?? 'no version'}`)
}

/**
 * The text of the latest release in a changelog.
 *
 * @throws {ToolError} when another heading, such as Unreleased, is on top
 */
export function releaseNotes(changelog: string): string {
  const section = changelog.split(/^(?=## )/m).find((part) => part.startsWith('## ')) ?? ''
  const [top = '', ...lines] = section.split('\n')
  if (!RELEASE_HEADING.test(top)) {
    throw new ToolError(`CHANGELOG.md has '${top}' on top, not '## VERSION, YYYY-MM-DD'`)
  }
  return lines.join('\n').trim()
}

const HELP = `
npm run release-check [-- TAG]   fails unless all files have the version in package.json

Checks package-lock.json, the top heading of CHANGELOG.md, ${BUNDLE_PATH} and TAG, such as v1.2.3.

  --notes   print the text of the version in CHANGELOG.md, and check nothing
  --help    this text
`

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'release-check',
    help: HELP,
    flags: ['--notes'],
    operandsMax: 1,
    run({ flags, operands }) {
      if (flags.has('--notes')) {
        console.log(releaseNotes(readFileSync(join(REPOSITORY, 'CHANGELOG.md'), 'utf8')))
        return 0
      }
      const version = versionOfPackage(REPOSITORY)
      const found = disagreements(REPOSITORY, operands[0])
      if (found.length === 0) console.log(`all files have version ${version}`)
      for (const line of found) console.error(`package.json has ${version}, but ${line}`)
      return found.length === 0 ? 0 : 1
    },
  })
}
