/** `run`: a node from files, with its log and its page, until a signal or the end of its parent. */

import { join } from 'node:path'
import { type Config, readConfig } from '../config/config.ts'
import { environmentOf } from '../config/environment.ts'
import { localPageUrl } from '../config/listening.ts'
import { NodeError } from '../errors/node-error.ts'
import { HttpHandler, type HttpHandlerOptions } from '../http/http-handler.ts'
import { createLog, type Log } from '../log/log.ts'
import { MeshNode } from '../node/mesh-node.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import { isatty } from '../runtime/on-demand.ts'
import { runtimeName } from '../runtime/runtime-name.ts'
import { parseNodeData } from '../wire/node-data.ts'
import { followAddress, withAutoAddress } from './auto-address.ts'
import type { FileWatch } from './file-watch.ts'
import { offerInit } from './init.ts'
import { missingAddress } from './missing-address.ts'
import { openLan } from './open-lan.ts'
import { reload } from './reload.ts'
import { type Holder, watchFiles } from './watched-files.ts'

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
  const config = await withAutoAddress(await readOrCreate(options))
  const { certificate, logFormat: format, logLevel: level, secrets } = config
  const { stdout, stderr, env } = process
  const log = createLog({ level, format, stdout, stderr, env, now: () => new Date() })
  const node = nodeWithLog(config, options, log)
  const { dir } = options
  const running: Running = { dir, log, node, secrets, certificate, watches: [], isStopping: false }
  stopOnSignal(running)
  for (const text of config.warnings) node.report({ kind: 'warning', text })
  running.watches = watchFiles(running, config)
  await start(running, config)
  if (!config.isAddressAuto) return
  await followAddress(config, (next) => startAgain(running, next, options))
}

/** The node that runs, one after the other when the address of the machine changes. */
interface Running extends Holder {
  readonly dir: string
  readonly log: Log
  node: MeshNode
  watches: readonly FileWatch[]
  isStopping: boolean
}

function nodeWithLog(config: NodeConfig, options: RunOptions, log: Log): MeshNode {
  const node = nodeFor(config, options)
  node.on('event', log)
  return node
}

async function start({ node }: Running, config: Config): Promise<void> {
  if (await node.start()) await reportStart(node, config)
}

/** With a new identity: to its peers, a node on another address is another node. */
async function startAgain(running: Running, config: Config, options: RunOptions): Promise<void> {
  const { certificate, log, node, secrets } = running
  node.report({ kind: 'address-changed', from: node.address, to: config.address })
  await node.stop()
  if (running.isStopping) return
  running.node = nodeWithLog({ ...config, certificate, secrets }, options, log)
  await start(running, config)
  // Peers may have been added since the first start.
  reload(running)
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

/** A configuration whose certificate may have been renewed. */
type NodeConfig = Omit<Config, 'certificate'> & Pick<Holder, 'certificate'>

export function nodeFor(config: NodeConfig, program: Omit<RunOptions, 'dir' | 'print'>): MeshNode {
  const { page, version, code } = program
  const { data, port, portSource, listenSubject, mesh, messages, timings } = config
  const { knownPeers, secrets, secretMode, sources, tls, tlsPin } = config
  const runtime = runtimeName(process)
  return new MeshNode({
    port,
    portSource,
    address: config.isAddressSet ? config.address : undefined,
    listen: listenSubject === undefined ? undefined : config.listen,
    listenSubject,
    knownPeers: [...knownPeers, ...sources.map(({ text }) => text)],
    mesh,
    secret: secrets.length === 0 ? undefined : secrets.join('\n'),
    secretMode,
    tls,
    tlsPin,
    certificate: config.certificate,
    data: parseNodeData(data),
    timings,
    messages,
    httpHosts: config.httpHosts,
    code,
    runtime,
    site: (facts) => {
      const { httpAllow: allow, topicsAllow } = config
      return new HttpHandler({ ...facts, allow, topicsAllow, page, version, runtime })
    },
  })
}

async function reportStart(node: MeshNode, config: Config): Promise<void> {
  const url = localPageUrl(config)
  if (url !== undefined) node.report({ kind: 'page', url })
  const missing = await missingAddress(config)
  if (missing !== undefined) node.report({ kind: 'address-missing', text: missing })
  const open = openLan(config)
  if (open !== undefined) node.report({ kind: 'warning', text: open })
  if (node.knownPeers.length > 0) return
  const isMissing = config.knownPeersFile === 'missing'
  node.report({ kind: 'no-known-peers', file: join(config.dir, 'known-peers.json'), isMissing })
}

/**
 * Stops the node on the first signal or when its parent ends; the next signal ends at once. SIGHUP
 * is a terminal that was closed, or, for a node without one, an order to read its files again.
 */
function stopOnSignal(running: Running): void {
  const hasTerminal = isatty(0) || isatty(1)
  let firstMs: number | undefined
  const stop = (): void => {
    if (firstMs !== undefined) return
    firstMs = monotonicMs()
    running.isStopping = true
    const { node } = running
    const connected = node.connectedAddresses.length
    node.report({ kind: 'stopping', connected, secondCtrlC: hasTerminal })
    node.stop().then(() => process.exit(0))
  }
  const onSignal = (): void => {
    if (firstMs !== undefined && monotonicMs() - firstMs > SAME_SIGNAL_MS) {
      process.exit(EXIT_INTERRUPTED)
    }
    stop()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, onSignal)
  process.on('SIGHUP', hasTerminal ? onSignal : () => reload(running))
  // A parent with an IPC channel, such as `npm start`, stops its nodes when it ends, even when it
  // is killed: then the system closes the channel. Nothing is ever sent on it.
  if (process.channel === undefined) return
  process.on('disconnect', stop)
  // A listener on it keeps the process alive; only the sockets should.
  process.channel.unref()
}
