/**
 * Who may import whom in src/: main -> cli, commands -> config, node -> io, web -> mesh -> wire.
 * Checked on the source text, because an `import type` leaves no trace in the bundle and couples
 * all the same.
 */

import { posix } from 'node:path'
import { type Finding, lineAt, type SourceViews } from './source-text.ts'

/**
 * A layer is a folder of src/, or a file in it by the table below, or `text`: every other file
 * there.
 */
type Layer =
  | 'main'
  | 'library'
  | 'cli'
  | 'commands'
  | 'config'
  | 'node'
  | 'settings'
  | 'io'
  | 'narration'
  | 'web'
  | 'page'
  | 'mesh'
  | 'wire'
  | 'text'

const LAYER_OF_FILE: Readonly<Record<string, Layer>> = {
  'main.ts': 'main',
  'stopping.ts': 'main',
  'index.ts': 'library',
  'cli.ts': 'cli',
  'help.ts': 'cli',
  'node.ts': 'node',
  'node-options.ts': 'node',
  'peers.ts': 'node',
  'config.ts': 'config',
  'known-peers.ts': 'config',
  'known-addresses.ts': 'settings',
  'listen-ips.ts': 'settings',
  'own-address.ts': 'settings',
  'settings.ts': 'settings',
  // The sentences of a node, for the log as for the page.
  'io/narration.ts': 'narration',
}

const LAYER_OF_FOLDER: Readonly<Record<string, Layer>> = {
  commands: 'commands',
  io: 'io',
  web: 'web',
  mesh: 'mesh',
  wire: 'wire',
}

/**
 * What a layer may import besides itself. io and web do not know each other: the node joins them.
 */
const MAY_IMPORT: Readonly<Record<Layer, readonly Layer[]>> = {
  main: [
    'cli',
    'commands',
    'config',
    'node',
    'settings',
    'io',
    'narration',
    'web',
    'mesh',
    'wire',
    'text',
  ],
  // What programs import: names of what is public, and nothing else.
  library: ['node', 'mesh', 'text'],
  // Words only: what they ask for is done elsewhere.
  cli: ['settings', 'text'],
  // What ends by itself. Not the node: who asks how it stands must not become one.
  commands: ['config', 'settings', 'io', 'narration', 'web', 'mesh', 'wire', 'text'],
  config: ['settings', 'io', 'web', 'mesh', 'wire', 'text'],
  // Never config: a library reads neither files nor the environment.
  node: ['settings', 'io', 'narration', 'web', 'mesh', 'wire', 'text'],
  // Knows io for its log levels and web for its IP ranges. They must not know it in turn: they are
  // given what they need.
  settings: ['io', 'web', 'mesh', 'wire', 'text'],
  io: ['narration', 'mesh', 'wire', 'text'],
  narration: ['io', 'mesh', 'wire', 'text'],
  web: ['narration', 'mesh', 'wire', 'text'],
  // Runs in a browser: of all the rest it knows but one type, by TYPES_FOR_PAGE.
  page: [],
  mesh: ['wire'],
  wire: [],
  // Small files that any part of the shell uses, such as node-error.ts. They stand on nothing.
  text: [],
}

/** Layers that import no package and no module of Node: they could run in a browser. */
const PURE: readonly Layer[] = ['mesh', 'wire', 'page']

/** In src/web/, what runs in a browser. */
const PAGE_FOLDER = 'page'

/** What the page and the node agree on. The page may import it as types, which leave no code. */
const TYPES_FOR_PAGE = 'src/web/status.ts'

/** `from '…'`, `import '…'` and `import('…')`, up to and with the opening quote. */
const IMPORT = /(?<![.\w$])(?:from\s*|import\s*\(?\s*|require\s*\(\s*)['"]/g

/**
 * Imports of a file in src/ that go against the direction. Other files may import what they like.
 */
export function layerFindings(path: string, views: SourceViews): Finding[] {
  if (!path.startsWith('src/')) return []
  const layer = layerOf(path)
  if (layer === undefined) {
    return [
      {
        path,
        line: 1,
        message: 'a folder without a layer is banned here, use one of build/layers.ts',
      },
    ]
  }
  return [...views.code.matchAll(IMPORT)].flatMap((match) => {
    const start = match.index + match[0].length
    const target = /^[^'"\n]*/.exec(views.uncommented.slice(start))?.[0] ?? ''
    const statement =
      views.code
        .slice(0, match.index)
        .split(/\b(?=import\b|export\b)/)
        .at(-1) ?? ''
    const isType = /^(?:import|export)\s+type\b/.test(statement)
    const problem = problemWith(path, layer, target, isType)
    return problem === undefined
      ? []
      : [{ path, line: lineAt(views.code, start), message: problem }]
  })
}

function problemWith(
  path: string,
  layer: Layer,
  target: string,
  isType: boolean,
): string | undefined {
  const banned = `import of '${target}' is banned here, use`
  if (!target.startsWith('.')) {
    return PURE.includes(layer) ? `${banned} an argument that the shell provides` : undefined
  }
  const file = posix.join(posix.dirname(path), target)
  const targetLayer = layerOf(file)
  if (targetLayer === undefined) return `${banned} files of src/ only`
  if (layer === 'page' && targetLayer !== 'page') {
    const isAgreed = isType && file === TYPES_FOR_PAGE
    return isAgreed ? undefined : `${banned} types of ${TYPES_FOR_PAGE} only`
  }
  const allowed = [layer, ...MAY_IMPORT[layer]]
  return allowed.includes(targetLayer)
    ? undefined
    : `${banned} only ${allowed.join(', ')} from ${layer}`
}

function layerOf(path: string): Layer | undefined {
  const [root, name = '', ...inside] = path.split('/')
  if (root !== 'src') return undefined
  if (name === 'web' && inside[0] === PAGE_FOLDER && inside.length > 1) return 'page'
  const ofFile = LAYER_OF_FILE[[name, ...inside].join('/')]
  return ofFile ?? (inside.length > 0 ? LAYER_OF_FOLDER[name] : 'text')
}
