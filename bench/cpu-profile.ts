/**
 * Where the time of processes goes, by the CPU profiles that V8 writes (`--cpu-prof`): each sample
 * is given to the part of the program that asked for the work. Pure.
 */

/** The parts of a profile, in the order of the tables. */
export const PARTS = [
  'start of Node',
  'the bundle: read, parsed, run once',
  'ws, and its calls into Node',
  'core: mesh and wire',
  'shell: sockets, log, settings, HTTP',
  'Node itself: sockets, HTTP, streams',
  'garbage collection',
] as const

export type Part = (typeof PARTS)[number]

/** What a `.cpuprofile` has, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[]
  /** Ids of nodes. */
  readonly samples: readonly number[]
}

interface ProfileNode {
  readonly id: number
  readonly callFrame: {
    readonly functionName: string
    readonly url: string
    /** From 0. */
    readonly lineNumber: number
  }
  readonly children?: readonly number[]
}

/** The module that each line of a bundle is of, by the comments that esbuild puts before each. */
export function modulesOf(bundle: string): readonly string[] {
  let module = ''
  return bundle.split('\n').map((line) => {
    module = /^\s*\/\/ (\S+\.[cm]?[jt]s)$/.exec(line)?.[1] ?? module
    return module
  })
}

/** How many samples each part has. Those in which the process was idle do not count. */
export function samplesByPart(
  profile: CpuProfile,
  modules: readonly string[],
): ReadonlyMap<Part, number> {
  const partOfId = partsOf(profile, modules)
  const counts = new Map<Part, number>()
  for (const id of profile.samples) {
    const part = partOfId.get(id)
    if (part !== undefined) counts.set(part, (counts.get(part) ?? 0) + 1)
  }
  return counts
}

/** From the root of the call tree to its leaves, each node has its own part or its caller's. */
function partsOf(
  { nodes }: CpuProfile,
  modules: readonly string[],
): ReadonlyMap<number, Part | undefined> {
  const parts = new Map<number, Part | undefined>()
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const waiting: [id: number, callers: Part | undefined][] = []
  const [root] = nodes
  if (root !== undefined) waiting.push([root.id, undefined])
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [id, callers] = next
    const node = byId.get(id)
    if (node === undefined) continue
    const part = partOf(node, callers, modules)
    parts.set(id, part)
    for (const child of node.children ?? []) waiting.push([child, part])
  }
  return parts
}

function partOf(
  { callFrame: { functionName, url, lineNumber } }: ProfileNode,
  callers: Part | undefined,
  modules: readonly string[],
): Part | undefined {
  if (functionName === '(garbage collector)') return 'garbage collection'
  if (functionName === '(root)' || functionName === '(idle)') return undefined
  // All that the first run of the bundle causes, with the modules of Node that it loads.
  if (callers === PARTS[1] || functionName === 'executeUserEntryPoint') return PARTS[1]
  if (callers === PARTS[0] || /run_main|pre_execution|bootstrap/.test(url)) return PARTS[0]
  if (url.startsWith('node:') || url === '') return callers ?? 'Node itself: sockets, HTTP, streams'
  const module = modules[lineNumber] ?? ''
  if (module.includes('node_modules/ws/')) return 'ws, and its calls into Node'
  return /src\/(?:mesh|wire)\//.test(module)
    ? 'core: mesh and wire'
    : 'shell: sockets, log, settings, HTTP'
}
