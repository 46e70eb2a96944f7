/**
 * The rules of the repository that neither the compiler nor the linter knows, as part of
 * `npm run check`: the layers (see layers.ts), the purity of the core, leftovers, and long lines.
 * Each rule says what to use instead.
 */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isEntryPoint, runTool } from './command-line.ts'
import { layerFindings } from './layers.ts'
import { REPOSITORY } from './repository.ts'
import { type Finding, lineAt, type SourceViews, sourceViews } from './source-text.ts'

/** A piece of text that is banned in some files, and what to use there. */
interface Ban {
  readonly files: RegExp
  /** Where to look: a comment may talk about a clock that the code must not read. */
  readonly view: keyof SourceViews
  readonly pattern: RegExp
  readonly use: string
}

/** STYLE: aim for 250, split at 400. Tests and tools may be long lists. */
const SOURCE_LINES_MAX = 400

/** STYLE 8.3. Biome breaks code there; comments are broken by whoever writes them. */
const LINE_COLUMNS_MAX = 100

const CORE = /^src\/(?:mesh|wire)\//
const ANYWHERE = /^/

const BANS: readonly Ban[] = [
  // The core is a state machine: the same inputs give the same outputs, in production as in a
  // simulator.
  core(/\b(?:Date\.now|performance\.now|new\s+Date)\b/g, 'the nowMs that comes with the input'),
  core(/\bMath\.random\b/g, 'the random number that comes with the input'),
  core(/(?<![\w$.])crypto\b/g, 'bytes or digests given by the shell'),
  core(
    /(?<![\w$.])(?:set(?:Timeout|Interval|Immediate)|queueMicrotask)\b/g,
    'the timers of the core and its next deadline',
  ),
  core(/(?<![\w$.])console\b/g, 'a report output'),
  core(/(?<![\w$.])process\b(?!\s*\()/g, 'an argument'),
  core(/(?<![\w$.])globalThis\b/g, 'an argument'),

  // Leftovers. The patterns are written so that they do not find themselves.
  anywhere('comments', /\bFIX(?:ME)\b/g, 'a fix, or an issue'),
  anywhere(
    'comments',
    /@ts-(?:ignore|nocheck)\b/g,
    'a type that fits, or @ts-expect-error with a reason',
  ),
  anywhere(
    'comments',
    /biome-ignore(?:-\w+)?\b(?!\s+[^:\n]+:\s*(?!<)\S+\s+\S+)/g,
    'biome-ignore RULE: with the reason in words',
  ),
  anywhere('code', /(?<![\w$.])dbg\s*\(/g, 'the log'),
  anywhere('code', /\bdebugger\b/g, 'a breakpoint in your editor'),
  anywhere('code', /\bas\s+any\b/g, 'a type guard'),
  anywhere(
    'code',
    /\b(?:test|t)(?:\.\w+)*\.(?:skip|only|todo|failing)\b/g,
    'a test that runs, or delete it',
  ),
]

function core(pattern: RegExp, use: string): Ban {
  return { files: CORE, view: 'code', pattern, use }
}

function anywhere(view: keyof SourceViews, pattern: RegExp, use: string): Ban {
  return { files: ANYWHERE, view, pattern, use }
}

/**
 * Everything in this file that breaks a rule. `path` is relative to the repository, with slashes.
 */
export function findings(path: string, text: string): Finding[] {
  const views = sourceViews(text)
  return [
    ...bannedText(path, views),
    ...layerFindings(path, views),
    ...lengthFindings(path, text),
    ...widthFindings(path, text, views),
  ]
}

function bannedText(path: string, views: SourceViews): Finding[] {
  return BANS.filter(({ files }) => files.test(path)).flatMap(({ view, pattern, use }) =>
    [...views[view].matchAll(pattern)].map((match) => ({
      path,
      line: lineAt(views[view], match.index),
      message: `'${match[0]}' is banned here, use ${use}`,
    })),
  )
}

function lengthFindings(path: string, text: string): Finding[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  if (!path.startsWith('src/') || lines <= SOURCE_LINES_MAX) return []
  const message = `a file of ${lines} lines is banned here, use several of at most ${SOURCE_LINES_MAX}`
  return [{ path, line: SOURCE_LINES_MAX + 1, message }]
}

/** Long lines, but for those that nobody can break: quoted text, and orders to the linter. */
function widthFindings(path: string, text: string, views: SourceViews): Finding[] {
  const [code, comments, uncommented] = [views.code, views.comments, views.uncommented].map(
    (view) => view.split('\n'),
  )
  return text.split('\n').flatMap((line, index) => {
    const columns = [...line].length
    if (columns <= LINE_COLUMNS_MAX) return []
    const comment = comments?.[index]?.trimEnd() ?? ''
    const hasLongComment = comment.length > LINE_COLUMNS_MAX && !comment.includes('biome-ignore')
    const hasQuotes = code?.[index] !== uncommented?.[index]
    if (!hasLongComment && (hasQuotes || comment !== '')) return []
    const message = `a line of ${columns} columns is banned here, use at most ${LINE_COLUMNS_MAX}`
    return [{ path, line: index + 1, message }]
  })
}

/**
 * All source files of the repository, as paths relative to it. What is generated is not among them.
 */
function sourceFiles(repository: string): string[] {
  const inFolders = ['src', 'bin', 'build', 'test', 'bench', 'deploy'].flatMap((folder) =>
    filesIn(repository, folder),
  )
  const atTop = readdirSync(repository)
  return [...atTop, ...inFolders].filter((path) => /\.[cm]?[jt]s$/.test(path)).sort()
}

function filesIn(repository: string, folder: string): string[] {
  try {
    return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      // bench/ has packages of its own.
      if (entry.name === 'node_modules') return []
      return entry.isDirectory() ? filesIn(repository, path) : [path]
    })
  } catch {
    // Not every folder exists yet.
    return []
  }
}

if (isEntryPoint(import.meta.url)) {
  await runTool({
    name: 'tidy',
    help: 'build/tidy.ts   checks the rules that are in the table of this file and in layers.ts',
    run() {
      const files = sourceFiles(REPOSITORY)
      const found = files.flatMap((path) =>
        findings(path, readFileSync(join(REPOSITORY, path), 'utf8')),
      )
      for (const { path, line, message } of found)
        console.error(`${path}:${line}: error: ${message}`)
      console.log(`tidy: ${files.length} files, ${found.length} findings`)
      return found.length === 0 ? 0 : 1
    },
  })
}
