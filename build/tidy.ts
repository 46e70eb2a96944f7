/**
 * Rules that Biome lacks, as part of `npm run check`: text of comments, their width, and titles of
 * tests.
 */

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEntryPoint, runTool } from './command-line.ts'
import { REPOSITORY } from './repository.ts'

const LINE_COLUMNS_MAX = 100

/** The patterns do not match their own source. */
const BANNED: readonly [RegExp, string][] = [
  [/\bFIX(?:ME)\b/, 'fix it, or file an issue'],
  [/@ts-no(?:check)\b/, 'use a type that fits, or @ts-expect-error with a reason'],
  [/biome-ignore.*<expla(?:nation)>/, 'give the reason in words'],
]

/** The title of a test that is written out, in the same line or in the next one. */
const TITLE = /(?<=^ *test(?:\.serial)?\(\s*)(['"`]).*?\1(?=,)/gm

/** Everything in a file that breaks a rule, as `LINE: PROBLEM`. */
export function findings(text: string): readonly string[] {
  return [...lineFindings(text), ...titleFindings(text)]
}

function lineFindings(text: string): readonly string[] {
  return text.split('\n').flatMap((line, index) => {
    const problems = BANNED.filter(([pattern]) => pattern.test(line)).map(([, use]) => use)
    if (isWide(line)) problems.push(`break the comment at column ${LINE_COLUMNS_MAX}`)
    return problems.map((problem) => `${index + 1}: ${problem}`)
  })
}

/** Reports name only titles, so each says what it is about. */
function titleFindings(text: string): readonly string[] {
  return [...text.matchAll(TITLE)]
    .filter(([title]) => !title.includes(' - '))
    .map(({ index }) => {
      const line = text.slice(0, index).split('\n').length
      return `${line}: begin the title with an area: 'area - what is so'`
    })
}

/** Biome breaks wide code, as far as quoted text allows; comments stay as they are. */
function isWide(line: string): boolean {
  if ([...line].length <= LINE_COLUMNS_MAX || line.includes('biome-ignore')) return false
  const unquoted = line.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|`(?:\\.|[^`\\])*`/g, '')
  return /^\s*\/?\*|(?:^|\s)\/\//.test(unquoted)
}

/** Titles of tests that are in several of these texts. Files that share a process then all fail. */
export function sharedTitles(texts: readonly string[]): readonly string[] {
  const titles = texts.flatMap((text) => [...new Set(text.match(TITLE))])
  return titles.filter((title, index) => titles.indexOf(title) !== index)
}

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'tidy',
    help: 'build/tidy.ts   checks comments and titles of tests in all files of git',
    run() {
      const words =
        'ls-files -co --exclude-standard *.[cm][jt]s *.[jt]s *.[jt]sx :!node-1/index.js'.split(' ')
      const { stdout } = spawnSync('git', words, { cwd: REPOSITORY, encoding: 'utf8' })
      const files = stdout.split('\n').filter((path) => path !== '')
      // git also lists deleted files.
      const present = files.filter((path) => existsSync(join(REPOSITORY, path)))
      const texts = present.map((path) => readFileSync(join(REPOSITORY, path), 'utf8'))
      const found = texts.flatMap((text, index) =>
        findings(text).map((line) => `${present[index]}:${line}`),
      )
      found.push(...sharedTitles(texts).map((title) => `two files have a test ${title}`))
      for (const line of found) console.error(line)
      return found.length === 0 ? 0 : 1
    },
  })
}
