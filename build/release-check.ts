/**
 * `npm run release-check`: whether everything that names the version of a release names the same.
 * With `--notes` it prints what CHANGELOG.md says of that version.
 */

import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BUNDLE_PATH } from './bundle.ts'
import { isEntryPoint, runTool, ToolError } from './command-line.ts'
import { REPOSITORY } from './repository.ts'

/** Somebody who names the version: where, and which. */
export interface Claim {
  readonly place: string
  /** Undefined when no version is to be found there. */
  readonly version: string | undefined
}

/** Semantic Versioning 2.0.0, as far as we use it. */
const VERSION = /\d+\.\d+\.\d+(?:-[\w.]+)?/

/** The heading of a release: its version and its day. */
const RELEASE_HEADING = new RegExp(`^## (${VERSION.source}), \\d{4}-\\d\\d-\\d\\d$`)

/** Who names the version in a repository. The first has the say. */
export function claims(repository: string, tag?: string): readonly Claim[] {
  const text = (path: string): string => readFileSync(join(repository, path), 'utf8')
  const lock: LockFile = JSON.parse(text('package-lock.json'))
  return [
    { place: 'package.json', version: JSON.parse(text('package.json')).version },
    { place: 'package-lock.json', version: lock.version },
    { place: "package-lock.json, packages['']", version: lock.packages?.['']?.version },
    { place: 'CHANGELOG.md, top heading', version: topRelease(text('CHANGELOG.md')) },
    { place: `${BUNDLE_PATH} --version`, version: versionOfBundle(repository) },
    ...(tag === undefined ? [] : [{ place: 'tag', version: /^v(.*)$/.exec(tag)?.[1] ?? tag }]),
  ]
}

interface LockFile {
  readonly version?: string
  readonly packages?: Readonly<Record<string, { readonly version?: string }>>
}

/** The claims that differ from the first, each as a line for people. */
export function disagreements([first, ...others]: readonly Claim[]): readonly string[] {
  return others
    .filter(({ version }) => version !== first?.version)
    .map(({ place, version }) => `${place} says ${version ?? 'no version'}`)
}

/**
 * What a changelog says of its latest release.
 *
 * @throws {ToolError} when something else, such as Unreleased, is on top
 */
export function releaseNotes(changelog: string): string {
  const [top = '', ...lines] = changelog.slice(changelog.search(/^## /m)).split('\n')
  if (!RELEASE_HEADING.test(top)) {
    throw new ToolError(`CHANGELOG.md has '${top}' on top, not '## VERSION, YYYY-MM-DD'`)
  }
  const end = lines.findIndex((line) => line.startsWith('## '))
  return lines
    .slice(0, end === -1 ? undefined : end)
    .join('\n')
    .trim()
}

function topRelease(changelog: string): string | undefined {
  return RELEASE_HEADING.exec(/^## .*$/m.exec(changelog)?.[0] ?? '')?.[1]
}

function versionOfBundle(repository: string): string | undefined {
  const words = [join(repository, BUNDLE_PATH), '--version']
  const { stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return VERSION.exec(stdout)?.[0]
}

const HELP = `
npm run release-check [-- TAG]   fails unless everything names the version in package.json

Asks package-lock.json, the top heading of CHANGELOG.md, ${BUNDLE_PATH} and TAG, such as v1.2.3.

  --notes   print what CHANGELOG.md says of the version, and check nothing
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
      const all = claims(REPOSITORY, operands[0])
      const found = disagreements(all)
      const version = all[0]?.version
      if (found.length === 0) console.log(`version ${version} everywhere`)
      for (const line of found) console.error(`package.json says ${version}, but ${line}`)
      return found.length === 0 ? 0 : 1
    },
  })
}
