/**
 * The types of the library as one file: what src/index.ts exports, and what that mentions. The
 * compiler writes a file for each source file, with all that the sources export to each other; here
 * only the public part of it is put together. It can be cut with regular expressions, because the
 * compiler always writes in one form: whatever begins a statement begins a line.
 */

import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ToolError } from './command-line.ts'

/** One declaration, with its comment, without `export`. */
interface Declaration {
  readonly name: string
  readonly text: string
}

/** `import { Name } from 'package'`, as one line. */
interface PackageImport {
  readonly names: readonly string[]
  readonly target: string
  readonly text: string
}

/**
 * The text of the file.
 *
 * @param entry the source file whose exports are public, relative to the repository
 * @throws {ToolError} when the compiler has an error, when a public type is not to be found or to
 * be found twice, or when one needs a package, which users would have to install
 */
export function declarationsOf(entry: string, repository: string): string {
  const files = emit(entry, repository)
  const exported = files.flatMap(({ isEntry, text }) => (isEntry ? exportsOf(text) : []))
  const declarations = groupByName(files.flatMap(({ text }) => declarationsIn(text)))
  const chosen = new Map<string, string>()
  const names = exported.map(({ name }) => name)
  for (let name = names.shift(); name !== undefined; name = names.shift()) {
    if (chosen.has(name)) continue
    const [text, ...others] = declarations.get(name) ?? []
    if (text === undefined) throw new ToolError(`the types have no '${name}'`)
    if (others.length > 0) throw new ToolError(`the types have '${name}' more than once`)
    chosen.set(name, text)
    names.push(...wordsOf(text).filter((word) => declarations.has(word)))
  }
  const body = [...chosen.values()].join('\n')
  const words = new Set(wordsOf(body))
  const imports = files
    .flatMap(({ text }) => packageImportsIn(text))
    .filter(({ names }) => names.some((name) => words.has(name)))
  const stranger = imports.find(({ target }) => !isBuiltin(target))
  if (stranger) throw new ToolError(`a public type needs the package '${stranger.target}'`)
  const lines = [...new Set(imports.map(({ text }) => text))].sort()
  const list = exported.map(({ clause }) => clause).join(', ')
  return [...lines, '', body, '', `export { ${list} };`, ''].join('\n')
}

interface EmittedFile {
  readonly isEntry: boolean
  readonly text: string
}

/** What the compiler makes of the entry and of all that it imports. */
function emit(entry: string, repository: string): readonly EmittedFile[] {
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-types-'))
  try {
    const compiler = join(repository, 'node_modules/typescript/bin/tsc')
    const output = ['--declaration', '--emitDeclarationOnly', '--outDir', folder]
    const words = [...output, '--stripInternal', ...OPTIONS, entry]
    const result = spawnSync(process.execPath, [compiler, ...words], {
      cwd: repository,
      encoding: 'utf8',
    })
    if (result.status !== 0) throw new ToolError(`the types do not compile:\n${result.stdout}`)
    const name = entry.replace(/^src\/(.*)\.ts$/, '$1.d.ts')
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    return files
      .filter((file) => file.endsWith('.d.ts'))
      .sort()
      .map((file) => ({ isEntry: file === name, text: readFileSync(join(folder, file), 'utf8') }))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The options of tsconfig.json that matter here; that file itself is about all of the sources. */
const OPTIONS: readonly string[] = [
  ['--ignoreConfig', '--strict', '--exactOptionalPropertyTypes', '--skipLibCheck'],
  ['--rootDir', 'src', '--types', 'node', '--lib', 'es2023,dom', '--target', 'es2023'],
  ['--module', 'nodenext', '--allowImportingTsExtensions', '--newLine', 'lf'],
].flat()

/** One name in an export of the entry; `clause` has `type` before it where it is only a type. */
interface ExportedName {
  readonly name: string
  readonly clause: string
}

function exportsOf(text: string): readonly ExportedName[] {
  return [...text.matchAll(/^export (type )?\{([^}]*)\}/gm)].flatMap(([, type = '', list = '']) =>
    list.split(',').flatMap((item) => {
      const clause = item.trim()
      const name = clause.replace(/^type /, '')
      return name === '' ? [] : { name, clause: clause === name ? `${type}${name}` : clause }
    }),
  )
}

/** From a comment or the first word of a statement to the next one that begins a line. */
const DECLARATION =
  /^(\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n)?(?:export )?((?:declare |abstract )*(?:class|const|function|interface|type) (\w+)[\s\S]*?)\n(?=\/|export |import |declare |abstract |class |interface |type |$(?![\s\S]))/gm

function declarationsIn(text: string): readonly Declaration[] {
  return [...text.matchAll(DECLARATION)].map(([, comment = '', statement = '', name = '']) => ({
    name,
    text: `${comment}${withoutStatics(asDeclare(statement))}`,
  }))
}

/** In a file of types a value is declared; types need no such word. */
function asDeclare(statement: string): string {
  return /^(?:class|const|function)\b/.test(statement) ? `declare ${statement}` : statement
}

/** Static members are how our own code makes objects; programs have constructors. */
function withoutStatics(statement: string): string {
  return statement.replace(
    /^ {4}(?:\/\*\*(?:(?!\*\/)[\s\S])*\*\/\n {4})?static [\s\S]*?;\n(?= {4}[^\s}]|\})/gm,
    '',
  )
}

function packageImportsIn(text: string): readonly PackageImport[] {
  const found = text.matchAll(/^import (?:type )?\{([^}]*)\} from '([^'.][^']*)';$/gm)
  return [...found].map(([line, list = '', target = '']) => ({
    names: list.split(',').map((name) => name.trim().replace(/^type /, '')),
    target,
    text: line,
  }))
}

function groupByName(declarations: readonly Declaration[]): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>()
  for (const { name, text } of declarations) {
    groups.set(name, [...(groups.get(name) ?? []), text])
  }
  return groups
}

/** The words of code: neither of comments nor of quoted text. */
function wordsOf(text: string): readonly string[] {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|'[^'\n]*'/g, ' ').match(/[A-Za-z_$][\w$]*/g) ?? []
}
