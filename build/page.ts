/**
 * The page of a node from src/http/page/: for the bundle as the module `fullmesh:page`, for tests
 * as files. It is minified, because it is sent to browsers.
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Plugin } from 'esbuild'
import type { PageFile } from '../src/http/page-file.ts'
import { runEsbuild } from './esbuild.ts'
import { REPOSITORY } from './repository.ts'

const FOLDER = 'src/http/page'

const MODULE = 'fullmesh:page'

/** Lines of the bundle stay short enough for editors and diffs. */
const LINE_COLUMNS_MAX = 100

/**
 * Builds the page. The same files give the same text.
 *
 * @throws {ToolError} when esbuild has an error or a warning
 */
export async function pageFiles(repository = REPOSITORY): Promise<readonly PageFile[]> {
  const [script, style] = await Promise.all([
    compile(repository, 'page.tsx'),
    compile(repository, 'page.css'),
  ])
  const markup = readFileSync(join(repository, FOLDER, 'index.html'), 'utf8')
  return [
    { path: '/', type: 'text/html; charset=utf-8', text: withoutIndent(markup) },
    { path: '/page.js', type: 'text/javascript; charset=utf-8', text: script },
    { path: '/page.css', type: 'text/css; charset=utf-8', text: style },
  ]
}

/** What the page has of others, as folders: their licences must be distributed with it. */
export const PAGE_PACKAGES = ['node_modules/preact'] as const

/** The plugin that resolves `fullmesh:page`, for build/bundle.ts. */
export function pageModule(repository: string): Plugin {
  return {
    name: 'page-module',
    setup({ onResolve, onLoad }) {
      onResolve({ filter: /^fullmesh:page$/ }, () => ({ path: MODULE, namespace: 'page' }))
      onLoad({ filter: /^fullmesh:page$/, namespace: 'page' }, async () => ({
        contents: `export const PAGE = [${(await pageFiles(repository)).map(literal).join(',')}]`,
        loader: 'js',
      }))
    },
  }
}

/** A file as source text, line by line: editors are slow with a line of 20 kB. */
function literal({ path, type, text }: PageFile): string {
  const lines = JSON.stringify(text.split('\n'), null, 1)
  return `{ path: '${path}', type: '${type}', text: ${lines}.join('\\n') }`
}

async function compile(repository: string, entry: string): Promise<string> {
  const { text } = await runEsbuild(repository, join(FOLDER, entry), {
    charset: 'utf8',
    platform: 'browser',
    // What browsers of 2024 have; nothing newer is used.
    target: ['es2023', 'chrome123', 'firefox121', 'safari17.5'],
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    lineLimit: LINE_COLUMNS_MAX,
    legalComments: 'none',
  })
  return text
}

/** Indents and comments are only for readers of the source. */
function withoutIndent(markup: string): string {
  return markup.replace(/<!--[\s\S]*?-->/g, '').replace(/\n\s*/g, '\n')
}
