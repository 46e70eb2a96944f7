/**
 * The program: flags and files in, a running node out. The only place that ends the process, and the only one that knows
 * which file is being run.
 */

import { createHash } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { helpText, parseCli } from './cli.ts'
import { type Config, readConfig } from './config.ts'
import { createLog, type Log } from './io/log.ts'
import { narrate } from './io/narration.ts'
import { Solitude } from './io/solitude.ts'
import { MeshNode } from './node.ts'
import { NodeError } from './node-error.ts'

/** The version in package.json; the bundler puts it in. */
declare const FULLMESH_VERSION: string

/** Signals that come together are one: npm passes on a Ctrl-C that the terminal has sent to us, too. In ms. */
const SAME_SIGNAL_MS = 200

/** The exit code of a process that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/** The file that is being run: in a binary, the binary. Node also runs `node folder` and `node index`; argv has no more. */
function programPath(): string {
  const script = process.argv[1]
  const path = resolve(script === undefined ? process.execPath : script)
  return [path, `${path}.js`, join(path, 'index.js')].find(isFile) ?? path
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/** SHA-256 of the running code, or nothing when it cannot be read, which only costs the comparison. */
function digestOfCode(): string {
  try {
    return createHash('sha256').update(readFileSync(programPath())).digest('hex')
  } catch {
    return ''
  }
}

async function run(dir: string): Promise<void> {
  const config = readConfig({ dir, env: process.env })
  const { stdout, stderr, env } = process
  const log = createLog({ level: config.logLevel, stdout, stderr, env, now: () => new Date() })
  const node = nodeFor(config, log)
  stopOnSignals(node, log)
  for (const text of config.warnings) log(narrate({ kind: 'warning', text }))
  await node.start()
  log(narrate({ kind: 'listening', address: node.address }))
  if (config.knownPeersFile === 'missing') {
    log(narrate({ kind: 'alone', file: join(dir, 'known-peers.json') }))
  }
}

function nodeFor(config: Config, log: Log): MeshNode {
  const node = new MeshNode({ ...config, code: digestOfCode() })
  const solitude = new Solitude(node.knownPeers)
  node.on('event', (event) => {
    log(narrate(event))
    if (!solitude.observe(event)) return
    log(narrate({ kind: 'solitary', knownPeers: node.knownPeers }))
  })
  node.on('no-descriptors', () => log(narrate({ kind: 'no-descriptors' })))
  return node
}

/** Ends the process well on the first signal, at once on the next. */
function stopOnSignals(node: MeshNode, log: Log): void {
  let firstMs: number | undefined
  const onSignal = (): void => {
    const nowMs = performance.now()
    if (firstMs !== undefined) {
      if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(EXIT_INTERRUPTED)
      return
    }
    firstMs = nowMs
    log(narrate({ kind: 'stopping', connected: node.connectedAddresses.length }))
    node.stop().then(() => process.exit(0))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
}

async function main(): Promise<void> {
  try {
    const command = parseCli(process.argv.slice(2))
    switch (command.kind) {
      case 'help':
        return console.log(helpText())
      case 'version':
        return console.log(`fullmesh ${FULLMESH_VERSION}`)
      case 'run':
        return await run(command.dir === undefined ? dirname(programPath()) : resolve(command.dir))
      default:
        command satisfies never
    }
  } catch (error) {
    // What the operator can mend is one line. Anything else is our bug, and shows its stack.
    if (!(error instanceof NodeError)) throw error
    console.error(error.message)
    process.exitCode = error.exitCode
  }
}

main()
