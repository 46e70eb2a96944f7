/** `npm start`: builds and clones if necessary, and runs a mesh in one terminal. */

import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { SETTINGS } from '../src/config/settings.ts'
import { usesColour } from '../src/log/log.ts'
import { BoardShow } from './board-show.ts'
import { BUNDLE_PATH, updateBundle } from './bundle.ts'
import { type CommandLine, readCount, runTool } from './command-line.ts'
import { CompilerEndedError } from './esbuild.ts'
import { MeshRunner } from './mesh-runner.ts'
import { LineShow, type MeshShow, type ShownNode } from './mesh-show.ts'
import {
  cloneNode,
  envTextOf,
  type NodeEntry,
  nodeEntries,
  refreshClone,
  requireTemplate,
  TEMPLATE_NAME,
} from './node-folders.ts'
import { levelOf } from './node-output.ts'
import { REPOSITORY } from './repository.ts'
import { stopSignals } from './stop-signals.ts'

/** Every node is a process of about 60 MB. */
const COUNT_MAX = 200

const COUNT_DEFAULT = '3'

/** Up to so many nodes print about 25 lines while the mesh forms; 20 nodes print 400. */
const VERBOSE_NODES_MAX = 5

/** How long after the end of esbuild the signal that ended both may arrive: 100 ms or more. */
const SIGNAL_LAG_MS = 3_000

const HELP = `
npm start [-- COUNT]   runs COUNT nodes (default ${COUNT_DEFAULT}) side by side; Ctrl-C stops them all

Builds ${BUNDLE_PATH} if src/ has changed, clones node-1 until there are enough nodes, and updates
clones with older code. Shows all lines of up to ${VERBOSE_NODES_MAX} nodes; of more, a terminal shows
one line each, and a pipe where they listen and their warnings.

  --verbose    show all lines, however many nodes there are; so does LOG_LEVEL=debug
  --root DIR   run the nodes in DIR, with the index.js that node-1 has there
  --help       this text
`

await runTool({
  name: 'start',
  help: HELP,
  flags: ['--verbose'],
  values: ['--root'],
  operandsMax: 1,
  run: start,
})

async function start({ flags, operands, values }: CommandLine): Promise<number> {
  const count = readCount(operands[0] ?? COUNT_DEFAULT, COUNT_MAX)
  const root = values.get('--root') ?? REPOSITORY
  const { stop, kill } = stopSignals()

  if (root === REPOSITORY) await build(stop)
  if (stop.aborted) return 0
  requireTemplate(join(root, TEMPLATE_NAME))
  const nodes = prepareNodes(root, count).map((node) => ({
    ...node,
    level: levelOf(process.env, envTextOf(node)),
  }))

  const names = nodes.map(({ name }) => name)
  const list = names.length <= 5 ? names.join(', ') : `${names[0]} … ${names.at(-1)}`
  console.log(`running ${list}, Ctrl-C to stop`)
  const colour = usesColour(process.stdout, process.env)
  const show = showFor(nodes, colour, flags.has('--verbose'))
  // PORT and ADDRESS come from the `.env` of each node.
  const { PORT, ADDRESS, ...env } = process.env
  return new MeshRunner({ nodes, env, colour, show, stop, kill }).run()
}

function showFor(nodes: readonly ShownNode[], colour: boolean, isAskedForAll: boolean): MeshShow {
  const { env, stdout } = process
  const isDebugging = env[SETTINGS.logLevel.name]?.trim().toLowerCase() === 'debug'
  const isVerbose = isAskedForAll || isDebugging || nodes.length <= VERBOSE_NODES_MAX
  if (!isVerbose && stdout.isTTY && env['TERM'] !== 'dumb') {
    return new BoardShow({ nodes, colour, terminal: stdout })
  }
  return new LineShow({ nodes, colour, isVerbose, print: (line) => console.log(line) })
}

/** Ctrl-C in a terminal ends esbuild, too, which is no error. */
async function build(stop: AbortSignal): Promise<void> {
  try {
    const { changed } = await updateBundle()
    if (changed && !stop.aborted) console.log(`built ${BUNDLE_PATH}`)
  } catch (error) {
    if (error instanceof CompilerEndedError) {
      await delay(SIGNAL_LAG_MS, undefined, { signal: stop }).catch(() => {})
    }
    if (!stop.aborted) throw error
  }
}

/** The first `count` nodes by number, after making those that are missing. */
function prepareNodes(root: string, count: number): NodeEntry[] {
  const folders = () => nodeEntries(root).filter(({ isFolder }) => isFolder)
  for (let missing = count - folders().length; missing > 0; missing--) {
    console.log(`cloned node-1: ${cloneNode(root).name}`)
  }
  const nodes = folders().slice(0, count)
  for (const node of nodes) {
    if (refreshClone(root, node)) console.log(`updated ${node.name} to the code of node-1`)
  }
  return nodes
}
