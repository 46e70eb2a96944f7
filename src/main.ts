/**
 * The program: flags and files in, a running node out. The only place that ends the process.
 */

import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { isatty } from 'node:tty'
import { environmentOf } from './bun-env.ts'
import { helpText, parseCli } from './cli.ts'
import { type Config, readConfig } from './config.ts'
import { createLog, type Log } from './io/log.ts'
import { narrate } from './io/narration.ts'
import { Solitude } from './io/solitude.ts'
import { MeshNode } from './node.ts'
import { NodeError } from './node-error.ts'
import { ownCode } from './own-code.ts'
import { missingPermission } from './permissions.ts'
import { programPath, programWords } from './program-path.ts'

/** The version in package.json; the bundler puts it in. */
declare const FULLMESH_VERSION: string

/**
 * Signals that come together are one: npm passes on a Ctrl-C that the terminal has sent to us, too.
 * In ms.
 */
const SAME_SIGNAL_MS = 200

/** The exit code of a process that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/**
 * SHA-256 of the running code, or nothing when it cannot be read, which only costs the comparison.
 */
function digestOfCode(): string {
  const code = ownCode(process)
  return code === undefined ? '' : createHash('sha256').update(code).digest('hex')
}

async function run(dir: string): Promise<void> {
  const config = readConfig({ dir, env: environmentOf(process) })
  const { stdout, stderr, env } = process
  const log = createLog({ level: config.logLevel, stdout, stderr, env, now: () => new Date() })
  const node = nodeFor(config, log)
  stopWhenAsked(node, log)
  for (const text of config.warnings) log(narrate({ kind: 'warning', text }))
  if (!(await node.start())) return
  log(narrate({ kind: 'listening', address: node.address }))
  if (node.knownPeers.length === 0) {
    const isMissing = config.knownPeersFile === 'missing'
    log(narrate({ kind: 'alone', file: join(dir, 'known-peers.json'), isMissing }))
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
  node.on('crowded', () => log(narrate({ kind: 'crowded' })))
  node.on('passed-over', (ip) => {
    // Not every machine has both loopbacks, and nobody asked for them.
    if (config.listenSubject === undefined) return
    log(narrate({ kind: 'passed-over', ip, setting: config.listenSubject }))
  })
  return node
}

/**
 * Ends the process well on the first signal and when its parent is gone, at once on the next
 * signal.
 */
function stopWhenAsked(node: MeshNode, log: Log): void {
  let firstMs: number | undefined
  const stop = (): void => {
    if (firstMs !== undefined) return
    firstMs = performance.now()
    const connected = node.connectedAddresses.length
    log(narrate({ kind: 'stopping', connected, hearsCtrlC: isatty(0) || isatty(1) }))
    node.stop().then(() => process.exit(0))
  }
  const onSignal = (): void => {
    if (firstMs !== undefined && performance.now() - firstMs > SAME_SIGNAL_MS) {
      process.exit(EXIT_INTERRUPTED)
    }
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  stopWithParent(stop)
}

/**
 * Whoever starts a node with an IPC channel, such as `npm start`, wants it to end with them, even
 * when they are killed and can no longer say so: then the system closes the channel. Nothing is
 * ever sent on it.
 */
function stopWithParent(stop: () => void): void {
  if (process.channel === undefined) return
  process.on('disconnect', stop)
  // To listen keeps the process alive; that is for the sockets to do.
  process.channel.unref()
}

async function main(): Promise<void> {
  try {
    const command = parseCli(programWords(process))
    switch (command.kind) {
      case 'help':
        return console.log(helpText())
      case 'version':
        return console.log(`fullmesh ${FULLMESH_VERSION}`)
      case 'run':
        return await run(command.dir === undefined ? folderOfProgram() : resolve(command.dir))
      default:
        command satisfies never
    }
  } catch (error) {
    process.exitCode = explain(error)
  }
}

function folderOfProgram(): string {
  const path = programPath(process)
  if (path === undefined) throw NodeError.dirMissing()
  return dirname(path)
}

/**
 * Says in one line what the operator can mend, and gives the exit code. Anything else is our bug,
 * and shows its stack.
 */
function explain(error: unknown): number {
  const mistake = error instanceof NodeError ? error : missingPermission(error)
  if (mistake === undefined) throw error
  console.error(mistake.message)
  return mistake.exitCode
}

// Without --allow-net, Deno throws where no code of ours is on the stack.
if ('deno' in process.versions) {
  process.on('uncaughtException', (error) => process.exit(explain(error)))
}

main()
