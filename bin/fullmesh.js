#!/usr/bin/env node
/**
 * `npx fullmesh`: the program of this package, for the node in the folder where it is called. A
 * copied `index.js` runs the node beside it; this one lies in node_modules, where no node is.
 */

import { fileURLToPath } from 'node:url'

const program = new URL('../node-1/index.js', import.meta.url)
const words = process.argv.slice(2)
const namesFolder = words.some((word) => word === '--dir' || word.startsWith('--dir='))
// The program reads its own file for the digest of its code: it must find that and not this one.
process.argv.splice(
  1,
  Number.POSITIVE_INFINITY,
  fileURLToPath(program),
  ...(namesFolder ? [] : ['--dir', process.cwd()]),
  ...words,
)
await import(program.href)
