/** The parts of a Markdown page that tests compare with the code. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { REPOSITORY } from '../../build/repository.ts'

/** All pages that people read, relative to the repository. */
export const PAGES: readonly string[] = [
  'README.md',
  'CHANGELOG.md',
  'bench/README.md',
  'examples/README.md',
  ...readdirSync(join(REPOSITORY, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path.replaceAll('\\', '/')}`)
    .sort(),
]

/** The text of a file of the repository. */
export function read(path: string): string {
  return readFileSync(join(REPOSITORY, path), 'utf8')
}

/**
 * What stands under a heading, up to the next one.
 *
 * @throws when there is no such heading
 */
export function section(page: string, heading: string): string {
  const part = read(page)
    .split(/^(?=#+ )/m)
    .find((text) => text.split('\n')[0]?.replace(/^#+ /, '') === heading)
  if (part === undefined) throw new Error(`${page} has no heading '${heading}'`)
  return part
}

/** The cells of all rows of all tables in a text, without the heads of the tables. */
export function rowsIn(text: string): readonly (readonly string[])[] {
  const lines = text.split('\n')
  return lines
    .filter((line, index) => line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1]))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
}

function isRule(line = ''): boolean {
  return /^\|[ |:-]+$/.test(line) && line.includes('---')
}

/** The content of all fenced blocks whose fence says `info`. */
export function blocksIn(text: string, info: string): readonly string[] {
  return text
    .split(/^```/m)
    .filter((part) => part.startsWith(`${info}\n`))
    .map((part) => part.slice(info.length + 1).trimEnd())
}

/** The anchors that GitHub gives the headings of a page. */
export function anchorsOf(page: string): ReadonlySet<string> {
  const headings = read(page).match(/^#+ .*$/gm) ?? []
  return new Set(
    headings.map((heading) =>
      heading
        .replace(/^#+ /, '')
        .toLowerCase()
        .replace(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  )
}

/** A name in backquotes without them. */
export function bare(cell: string | undefined): string {
  return /^`([^`]*)`$/.exec(cell ?? '')?.[1] ?? ''
}
