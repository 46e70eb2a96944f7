/** Clones node-1 to the next free node-N, with a PORT of its own. `--help` says how. */

import { resolve } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type CommandLine, readCount, runTool } from './build/command-line.ts'
import { cloneNode, nodeEntries } from './build/node-folders.ts'
import { shellWord } from './src/cli/shell-word.ts'

/** More nodes than one machine runs: a typing mistake must not fill the disk. */
const COUNT_MAX = 1000

const HELP = `
clone-node.ts [COUNT]   makes COUNT clones of node-1 (default 1)

Each clone gets the lowest free number from 2, and PORT 4000 plus that number. It has node-1's
index.js, known-peers.json, .env and secret. The port in ADDRESS changes, too, if it is that of
node-1; every other setting in the .env is kept.

  --root DIR   the folder that holds node-1 (default: the folder of this file)
  --help       this text
`

await runTool({ name: 'clone-node', help: HELP, values: ['--root'], operandsMax: 1, run: cloneAll })

async function cloneAll({ operands, values }: CommandLine): Promise<number> {
  const root = values.get('--root') ?? import.meta.dirname
  const count = readCount(operands[0] ?? '1', COUNT_MAX)

  // One clone is synchronous, so a signal is handled between two of them, and none is left
  // incomplete.
  let interrupted = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      interrupted = true
    })
  }

  let address: string | undefined
  for (let made = 0; made < count; made++) {
    const clone = cloneNode(root)
    console.log(`${clone.name}  PORT ${clone.port}`)
    address = clone.address
    await nextTurn()
    if (interrupted) {
      console.error(`clone-node: interrupted after ${made + 1} of ${count}`)
      return 130
    }
  }
  if (address !== undefined) {
    console.log(`ADDRESS=${address} was copied from node-1: give each clone its own in its .env`)
  }
  const where = values.has('--root') ? ` --root ${shellWord(resolve(root))}` : ''
  const nodes = nodeEntries(root).filter((entry) => entry.isFolder).length
  console.log(
    `next: node index.js in each folder, in its own terminal, or npm start -- ${nodes}${where}`,
  )
  return 0
}
