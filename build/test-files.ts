/** The test files: what each of them needs, and which of them run in one process. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { NeedName } from './test-needs.ts'

/** A test file, relative to the repository, with slashes. */
export interface TestFile {
  readonly path: string
  readonly needs: readonly NeedName[]
}

/** What a file needs that imports such a module, or whose helpers do. */
const NEEDED_BY_IMPORT: readonly (readonly [module: string, ...needs: readonly NeedName[]])[] = [
  ['helpers/arm64.ts', 'Linux', 'qemu', "Debian's libraries for arm64"],
  ['helpers/binaries.ts', 'more time'],
  ['helpers/dns-server.ts', 'dnsmasq'],
  ['helpers/browser.ts', 'chromium', 'more time'],
  ['helpers/lan.ts', 'Linux', 'root', 'iproute2', 'nftables', 'more time'],
  // Also for what nodes say of their connections: the kernel is asked, too.
  ['helpers/mesh-of-processes.ts', 'Linux'],
  ['helpers/packed.ts', 'more time'],
  ['helpers/shown-page.ts', 'chromium', 'more time'],
  ['helpers/socket-table.ts', 'Linux'],
  ['helpers/wall-clock.ts', 'Linux', 'faketime'],
]

/** What the files of such a folder need, or such a file. */
const NEEDED_BY_PATH: readonly (readonly [path: string, ...needs: readonly NeedName[]])[] = [
  ['test/bench/', 'Linux', 'more time'],
  // Builds at two dates.
  ['test/binaries/verify', 'faketime'],
  ['test/build/', 'more time'],
  ['test/deploy/image', 'Linux', 'root', 'buildah'],
  ['test/deploy/monitoring', 'promtool'],
  ['test/deploy/systemd', 'Linux', 'systemd'],
  ['test/examples/nats-bridge', 'nats-server', 'more time'],
  // Signals, and what the kernel says of a process.
  ['test/faults/', 'Linux'],
  // Mounts disks that are small or read-only.
  ['test/faults/durable', 'Linux', 'root', 'more time'],
  ['test/http/promtool', 'promtool'],
  ['test/runtimes/', 'Linux', 'more time'],
  ['test/sim/mutants', 'more time'],
  ['test/tools/start', 'Linux'],
]

/** What takes long and is the same on every machine: a job of its own in ci.yml runs it. */
export const ELSEWHERE = ['test/binaries/foreign.test.ts', 'test/page/page-of-1000.test.ts']

/** Whether one version of Node is enough: others change nothing, or the test has its own. */
export function runsOnce({ path }: TestFile): boolean {
  return /^test\/(?:binaries|docs|lab|runtimes|sim)\//.test(path)
}

export function testFiles(repository: string): readonly TestFile[] {
  return readdirSync(join(repository, 'test'), { recursive: true, encoding: 'utf8' })
    .map((path) => `test/${path.replaceAll('\\', '/')}`)
    .filter((path) => path.endsWith('.test.ts') && !ELSEWHERE.includes(path))
    .sort()
    .map((path) => ({ path, needs: needsOf(path, modulesOf(join(repository, path))) }))
}

/** What a test file needs that loads these modules. */
export function needsOf(path: string, modules: Iterable<string>): readonly NeedName[] {
  const loaded = [...modules]
  const byPath = NEEDED_BY_PATH.filter(([start]) => path.startsWith(start))
  const byImport = NEEDED_BY_IMPORT.filter(([end]) => loaded.some((name) => name.endsWith(end)))
  return [...new Set([...byPath, ...byImport].flatMap(([, ...needs]) => needs))]
}

/** The paths of the modules of ours that a file loads, and that these load. Types load nothing. */
export function modulesOf(path: string, found = new Set<string>()): ReadonlySet<string> {
  for (const [, name = ''] of readFileSync(path, 'utf8').matchAll(LOADED)) {
    const module = join(dirname(path), name).replaceAll('\\', '/')
    // Some tests have text with imports in it.
    if (found.has(module) || !existsSync(module)) continue
    found.add(module)
    modulesOf(module, found)
  }
  return found
}

const LOADED = /^(?!import type ).* from '(\.[^']*)'$/gm

/**
 * Files that share a process, which saves a second for each. Serial tests of a process run one
 * after the other; then all others run at once. What computes for long is apart from what waits for
 * a clock or a socket.
 */
const TOGETHER: Readonly<Record<string, RegExp>> = {
  builds: /^test\/build\/(?:library|mesh-runner)/,
  'cli-waits': /^test\/cli\/(?:check|status\.|status-watch)/,
  'e2e-commands': /^test\/e2e\/(?:commands|folder|invocation|operator-errors|permissions)/,
  'e2e-messages': /^test\/e2e\/(?:messages|peers|requests|stored-messages|topics)/,
  'e2e-nodes': /^test\/e2e\/(?:output|separation|status|stopping|stories)/,
  'e2e-peers': /^test\/e2e\/(?:hostile-peers|mesh|secure-dials)/,
  'e2e-secrets': /^test\/e2e\/(?:reload|secret)/,
  'faults-of-names': /^test\/(?:e2e\/own-machine|faults\/names)/,
  'faults-of-networks': /^test\/faults\/(?:network|strangers)/,
  'faults-of-processes': /^test\/faults\/(?:clock|crashes|descriptors|freezes|output)/,
  // It is packed and installed once.
  package: /^test\/package\//,
  pages: /^test\/(?:e2e|lab|page)\/page[.-]/,
  'runtimes-one-by-one': /^test\/runtimes\/(?:deno|frames)/,
  'sim-in-part': /^test\/(?:fuzz\/(?!main)|lab\/(?!page)|sim\/(?:recovery|starvation))/,
  core: /^test\/(?:auth|mesh|pubsub|requests|structures|wire)\/(?!wrong-proofs)/,
  'shell-edges':
    /^test\/(?:cli|http)\/(?!check|event-stream|http-handler|metrics|promtool|status\.|status-watch)/,
  'shell-nodes': /^test\/node\/(?!mesh-node)/,
  shell:
    /^test\/(?:config|discovery|docs|errors|io|log|page|runtime|storage)\/(?!dialer|driver|mesh-socket|page[.-]|probe|server)|^test\/deploy\/(?:kubernetes|monitoring|systemd)/,
  sockets: /^test\/(?:http\/(?:http-handler|metrics|promtool|status\.)|io\/mesh-socket)/,
  'tools-of-folders':
    /^test\/(?:fuzz\/main|sim\/main|tools\/(?:clone-node|delete-nodes|start-many))/,
  tools: /^test\/(?:binaries\/mac-signature|bench\/|build\/)(?!bench|bundle|library|mesh-runner)/,
}

/** Test files of one process. */
export interface TestGroup {
  /** What it is called in reports: for a file alone its path below test/. */
  readonly name: string
  readonly paths: readonly string[]
}

/** Groups with all of these files. What is in no group has a process of its own. */
export function groupsOf(files: readonly TestFile[]): readonly TestGroup[] {
  const pathsOf = new Map<string, string[]>()
  for (const { path } of files) {
    const group = Object.entries(TOGETHER).find(([, pattern]) => pattern.test(path))
    const name = group?.[0] ?? path.replace(/^test\/(.*)\.test\.ts$/, '$1')
    pathsOf.set(name, [...(pathsOf.get(name) ?? []), path])
  }
  return [...pathsOf].map(([name, paths]) => ({ name, paths }))
}
