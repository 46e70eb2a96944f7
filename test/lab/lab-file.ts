/** Makes lab.html: script and style are in it, so that it needs no other file and asks no host. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { licenceOf } from '../../build/compile.ts'
import { runEsbuild } from '../../build/esbuild.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { codeLines } from './model/code-lines.ts'
import { STORIES } from './model/stories.ts'

const FOLDER = 'test/lab'

/** Their licences must be distributed with the file. */
const PACKAGES = ['node_modules/ipaddr.js', 'node_modules/preact'] as const

/**
 * The text of lab.html. The same files give the same text.
 *
 * @throws {ToolError} when esbuild has an error or a warning, or a story names code that is not
 * there
 */
export async function labFile(repository = REPOSITORY): Promise<string> {
  const read = (path: string): string => readFileSync(join(repository, path), 'utf8')
  const lines = codeLines(STORIES, read)
  const [script, style] = await Promise.all([
    compile(repository, 'page/lab.tsx', { LAB_CODE_LINES: JSON.stringify(lines) }),
    compile(repository, 'page/lab.css', {}),
  ])
  const licences = PACKAGES.map((folder) => licenceOf(folder, repository)).join('\n')
  const policy = [
    "default-src 'none'",
    'img-src data:',
    `script-src ${digestOf(script)}`,
    `style-src ${digestOf(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
  return parts(read(`${FOLDER}/page/lab.html`), [
    ['<title>', `<meta http-equiv="Content-Security-Policy" content="${policy}">\n    <title>`],
    ['<link rel="stylesheet" href="lab.css">', `<style>${style}</style>`],
    ['<script type="module" src="lab.tsx"></script>', `<script type="module">${script}</script>`],
    ['</html>', `</html>\n<!-- The packages in it:\n${licences.replaceAll('--', '- -')}-->`],
  ])
}

/** The text with these parts of it replaced. */
function parts(text: string, replacements: readonly (readonly [string, string])[]): string {
  return replacements.reduce((before, [part, instead]) => before.replace(part, () => instead), text)
}

/** By it the policy of the page admits this text, and no other. */
function digestOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}

async function compile(
  repository: string,
  entry: string,
  define: Readonly<Record<string, string>>,
): Promise<string> {
  const { text } = await runEsbuild(repository, `${FOLDER}/${entry}`, {
    charset: 'utf8',
    platform: 'browser',
    target: ['es2023', 'chrome123', 'firefox121', 'safari17.5'],
    format: 'esm',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    minify: true,
    legalComments: 'none',
    inject: entry.endsWith('.tsx') ? [`./${FOLDER}/page/buffer.ts`] : [],
    define,
  })
  return text
}
