/**
 * Comments of src/ for the bundle, which people read. esbuild keeps only legal comments (`/*!`,
 * `//!`) in front of statements, so our comments become legal ones before esbuild reads them.
 */

import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'
import { ToolError } from './command-line.ts'

/** The plugin, for `legalComments: 'inline'`. {@link restoreComments} undoes its part. */
export const keepComments: Plugin = {
  name: 'keep-comments',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      return { contents: toLegalComments(readFileSync(path, 'utf8')), loader: 'ts' }
    })
  },
}

/** esbuild removes types; their comments must go, too. */
const COMMENT_OF_TYPE =
  /^ *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=(?:export )?(?:interface|type|declare) )/gm

/** V8 keeps a file of ASCII in half of the memory, and every editor reads it correctly. */
const ASCII_FOR: Readonly<Record<string, string>> = {
  '\u00a7': 'section ',
  '\u00b1': '+-',
  '\u00b5': 'u',
  '\u00d7': 'x',
  '\u2013': '-',
  '\u2026': '...',
  '\u2500': '-',
  '\u2502': '|',
  '\u2510': '+',
  '\u2514': '+',
  '\u2518': '+',
  '\u25ba': '>',
  '\u25bc': 'v',
}

/**
 * For comments: esbuild escapes strings.
 *
 * @throws {ToolError} when a comment has a character that is not in the table
 */
function toAscii(text: string): string {
  return text.replace(/[^\p{ASCII}]/gu, (character) => {
    const ascii = ASCII_FOR[character]
    if (ascii !== undefined) return ascii
    throw new ToolError(`'${character}' in a comment has no ASCII in build/keep-comments.ts`)
  })
}

function toLegalComments(source: string): string {
  return source
    .replace(COMMENT_OF_TYPE, '')
    .replace(/^( *)\/\*\*/gm, '$1/*!')
    .replace(/^( *)\/\/ /gm, '$1//! ')
}

/** Undoes the changes in the output, with a blank line before each block comment. */
export function restoreComments(bundled: string): string {
  return toAscii(bundled)
    .replace(/\n*^( *)\/\*!/gm, '\n\n$1/**')
    .replace(/^( *)\/\/! /gm, '$1// ')
    .replaceAll('/* @__PURE__ */ ', '')
}
