/** Deletes every node-N but node-1. `--help` says how. */

import { rmSync } from 'node:fs'
import { type CommandLine, runTool, ToolError } from './build/command-line.ts'
import {
  isNodeFolder,
  type NodeEntry,
  nodeEntries,
  portInUse,
  TEMPLATE_NAME,
} from './build/node-folders.ts'

const HELP = `
delete-nodes.ts   deletes node-2, node-3, … and leaves node-1

Deletes nothing while the port of one of them is in use. A folder without an index.js or a .env,
and a link, is not a node and is left alone.

  --force      delete also what is running (the processes go on until you stop them)
  --root DIR   the folder that holds the nodes (default: the folder of this file)
  --help       this text
`

await runTool({
  name: 'delete-nodes',
  help: HELP,
  flags: ['--force'],
  values: ['--root'],
  run: deleteAll,
})

async function deleteAll({ flags, values }: CommandLine): Promise<number> {
  const root = values.get('--root') ?? import.meta.dirname
  const others = nodeEntries(root).filter((entry) => entry.name !== TEMPLATE_NAME)
  const nodes = others.filter(isNodeFolder)
  if (!flags.has('--force')) await refuseWhileInUse(nodes)

  for (const entry of others) {
    if (nodes.includes(entry)) {
      // A symbolic link inside the folder is removed, not followed.
      rmSync(entry.path, { recursive: true, force: true })
      console.log(`deleted ${entry.name}`)
    } else {
      const what = entry.isFolder ? 'it has no index.js and no .env' : 'it is not a folder'
      console.log(`left ${entry.name} alone: ${what}`)
    }
  }
  if (nodes.length === 0) console.log(`nothing to delete: there is no node but ${TEMPLATE_NAME}`)
  return 0
}

/** Deletes all nodes or none: a running node must not lose its folder. */
async function refuseWhileInUse(nodes: readonly NodeEntry[]): Promise<void> {
  const ports = await Promise.all(nodes.map(portInUse))
  const inUse = nodes.flatMap(({ name }, index) =>
    ports[index] === undefined ? [] : `on port ${ports[index]}, which is ${name}'s`,
  )
  if (inUse.length === 0) return
  const [it, its] = inUse.length === 1 ? ['it', 'its terminal'] : ['them', 'their terminals']
  throw new ToolError(
    `something listens ${inUse.join(', and ')}: stop ${it} with Ctrl-C in ${its}, or delete anyway with --force`,
  )
}
