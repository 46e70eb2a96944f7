#!/usr/bin/env node
/**
 * `npx fullmesh`: the program of this package, for the node in the folder where it is called. A
 * copied `index.js` runs the node beside it; this one is in node_modules, where no node is.
 */

import { fileURLToPath } from 'node:url'

const program = new URL('../node-1/index.js', import.meta.url)
const words = process.argv.slice(2)
const namesFolder = words.some((word) => word === '--dir' || word.startsWith('--dir='))
// npx sets this variable. The program shows argv[0] as its own name (cli/program.ts), and reads the
// file in argv[1] for the digest of its code.
const name = process.env.npm_command === 'exec' ? 'npx fullmesh' : 'fullmesh'
process.argv.splice(
  0,
  Number.POSITIVE_INFINITY,
  name,
  fileURLToPath(program),
  ...(namesFolder ? [] : ['--dir', process.cwd()]),
  ...words,
)
await import(program.href)
