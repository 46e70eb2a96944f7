/** `run`: a node from files, with its log and its page, until a signal or the end of its parent. */

import { join } from 'node:path'
import { type Config, readConfig } from '../config/config.ts'
import { environmentOf } from '../config/environment.ts'
import { localPageUrl } from '../config/listening.ts'
import { NodeError } from '../errors/node-error.ts'
import { HttpHandler, type HttpHandlerOptions } from '../http/http-handler.ts'
import { createLog } from '../log/log.ts'
import { MeshNode } from '../node/mesh-node.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { isatty } from '../runtime/on-demand.ts'
import { runtimeName } from '../runtime/runtime-name.ts'
import { offerInit } from './init.ts'
import { missingAddress } from './missing-address.ts'
import { SecretWatch } from './secret-watch.ts'

/** The folder of a node, and what is in the program and not in its files. */
export interface RunOptions extends Pick<HttpHandlerOptions, 'page' | 'version'> {
  /** The digest of the code; empty when it cannot be determined. */
  readonly code: string
  readonly dir: string
  readonly print: (line: string) => void
}

/** Signals within this time, in ms, count as one: npm forwards a Ctrl-C that the node also gets. */
const SAME_SIGNAL_MS = 200

/** The exit code of a process that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/** Starts the node, which runs until a signal. @throws {NodeError} when it cannot start */
export async function run(options: RunOptions): Promise<void> {
  const config = await readOrCreate(options)
  const { logLevel: level, logFormat: format } = config
  const { stdout, stderr, env } = process
  const node = nodeFor(config, options)
  node.on('event', createLog({ level, format, stdout, stderr, env, now: () => new Date() }))
  stopOnSignal(node)
  for (const text of config.warnings) node.report({ kind: 'warning', text })
  if (config.secretFile !== undefined) new SecretWatch(config.secretFile, config.secrets, node)
  if (await node.start()) await reportStart(node, config)
}

/** The configuration; when it is missing, offers to create it. */
async function readOrCreate({ dir, print }: RunOptions): Promise<Config> {
  const read = () => readConfig({ dir, env: environmentOf(process) })
  try {
    return read()
  } catch (error) {
    const isMissing = error instanceof NodeError && error.code === 'CONFIG_ENV_FILE_MISSING'
    if (!isMissing || !(await offerInit(dir, process, print))) throw error
    return read()
  }
}

export function nodeFor(config: Config, program: Omit<RunOptions, 'dir' | 'print'>): MeshNode {
  const { page, version, code } = program
  const { port, portSource, listenSubject, knownPeers, mesh, secrets, timings } = config
  const runtime = runtimeName(process)
  return new MeshNode({
    port,
    portSource,
    address: config.isAddressSet ? config.address : undefined,
    listen: listenSubject === undefined ? undefined : config.listen,
    listenSubject,
    knownPeers,
    mesh,
    secret: secrets.length === 0 ? undefined : secrets.join('\n'),
    timings,
    httpHosts: config.httpHosts,
    code,
    runtime,
    site: (facts) => new HttpHandler({ ...facts, allow: config.httpAllow, page, version, runtime }),
  })
}

async function reportStart(node: MeshNode, config: Config): Promise<void> {
  const url = localPageUrl(config)
  if (url !== undefined) node.report({ kind: 'page', url })
  const missing = await missingAddress(config)
  if (missing !== undefined) node.report({ kind: 'address-missing', text: missing })
  if (node.knownPeers.length > 0) return
  const isMissing = config.knownPeersFile === 'missing'
  node.report({ kind: 'no-known-peers', file: join(config.dir, 'known-peers.json'), isMissing })
}

/** Stops the node on the first signal or when its parent ends; the next signal ends at once. */
function stopOnSignal(node: MeshNode): void {
  let firstMs: number | undefined
  const stop = (): void => {
    if (firstMs !== undefined) return
    firstMs = monotonicMs()
    const connected = node.connectedAddresses.length
    node.report({ kind: 'stopping', connected, secondCtrlC: isatty(0) || isatty(1) })
    node.stop().then(() => process.exit(0))
  }
  const onSignal = (): void => {
    if (firstMs !== undefined && monotonicMs() - firstMs > SAME_SIGNAL_MS) {
      process.exit(EXIT_INTERRUPTED)
    }
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // A parent with an IPC channel, such as `npm start`, stops its nodes when it ends, even when it
  // is killed: then the system closes the channel. Nothing is ever sent on it.
  if (process.channel === undefined) return
  process.on('disconnect', stop)
  // A listener on it keeps the process alive; only the sockets should.
  process.channel.unref()
}
