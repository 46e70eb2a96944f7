/**
 * Comments of src/ for the bundle. esbuild keeps only legal comments (`/*!`, `//!`) in front of
 * statements, and people open the bundle to learn from it; so ours are legal ones while esbuild has
 * them, and themselves again in what it writes.
 */

import { readFileSync } from 'node:fs'
import type { Plugin } from 'esbuild'

/** The plugin, for `legalComments: 'inline'`. {@link restoreComments} undoes its part. */
export const keepComments: Plugin = {
  name: 'keep-comments',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, ({ path }) => {
      return { contents: toLegalComments(readFileSync(path, 'utf8')), loader: 'ts' }
    })
  },
}

/** What describes a type goes with it; else it would describe what comes next. */
const COMMENT_OF_TYPE =
  /^ *\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n(?=(?:export )?(?:interface|type|declare) )/gm

function toLegalComments(source: string): string {
  return source
    .replace(COMMENT_OF_TYPE, '')
    .replace(/^( *)\/\*\*/gm, '$1/*!')
    .replace(/^( *)\/\/ /gm, '$1//! ')
}

/** Makes the comments of the bundle ours again, with a blank line before each block of them. */
export function restoreComments(bundled: string): string {
  return bundled
    .replace(/\n*^( *)\/\*!/gm, '\n\n$1/**')
    .replace(/^( *)\/\/! /gm, '$1// ')
    .replaceAll('/* @__PURE__ */ ', '')
}
