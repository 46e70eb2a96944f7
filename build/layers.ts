/**
 * Who may import whom in src/: main -> cli -> node -> config, io, http -> mesh -> wire.
 * Checked on the source text, because an `import type` leaves no trace in the bundle and couples
 * all the same.
 */

import { posix } from 'node:path'
import { type Finding, lineAt, type SourceViews } from './source-text.ts'

/** A layer is a folder of src/ (of src/http/ the folder page, too), or a file in src/ itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  'main.ts': ['cli', 'config', 'node', 'http', 'log', 'errors', 'runtime'],
  // What programs import: names of what is public, and nothing else.
  'index.ts': ['node', 'log', 'errors', 'mesh'],
  cli: ['config', 'node', 'io', 'http', 'log', 'errors', 'runtime', 'mesh', 'wire'],
  // Reads files only through what config gives it: a library reads neither files nor environment.
  node: ['config', 'io', 'http', 'log', 'errors', 'runtime', 'mesh', 'wire'],
  config: ['log', 'errors', 'mesh', 'wire'],
  // io and http do not import each other: the node joins them.
  io: ['log', 'errors', 'runtime', 'mesh', 'wire'],
  http: ['log', 'errors', 'runtime', 'mesh', 'wire'],
  // Runs in a browser; of all the rest it may import one file of types, TYPES_FOR_PAGE.
  page: [],
  errors: ['log'],
  log: ['runtime', 'mesh', 'wire'],
  runtime: [],
  mesh: ['wire'],
  wire: [],
}

/** Layers that import no package and no module of Node: they could run in a browser. */
const PURE: readonly string[] = ['mesh', 'wire', 'page']

/** The one package in the core: pure, and without dependencies. */
const PACKAGE_OF_MESH = 'ipaddr.js'

/** What the page and the node agree on. The page may import it as types, which leave no code. */
const TYPES_FOR_PAGE = 'src/http/status.ts'

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
  layer: string,
  target: string,
  isType: boolean,
): string | undefined {
  const banned = `import of '${target}' is banned here, use`
  if (!target.startsWith('.')) {
    if (layer === 'mesh' && target === PACKAGE_OF_MESH) return undefined
    return PURE.includes(layer) ? `${banned} an argument that the shell provides` : undefined
  }
  const file = posix.join(posix.dirname(path), target)
  const targetLayer = layerOf(file)
  if (targetLayer === undefined) return `${banned} files of src/ only`
  if (layer === 'page' && targetLayer !== 'page') {
    const isAgreed = isType && file === TYPES_FOR_PAGE
    return isAgreed ? undefined : `${banned} types of ${TYPES_FOR_PAGE} only`
  }
  const allowed = [layer, ...(MAY_IMPORT[layer] ?? [])]
  return allowed.includes(targetLayer)
    ? undefined
    : `${banned} only ${allowed.join(', ')} from ${layer}`
}

function layerOf(path: string): string | undefined {
  const [root, name = '', ...inside] = path.split('/')
  if (root !== 'src') return undefined
  const layer = name === 'http' && inside[0] === 'page' ? 'page' : name
  return Object.hasOwn(MAY_IMPORT, layer) ? layer : undefined
}
