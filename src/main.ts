/**
 * The program: words and files in, a running node or an answer out. Together with stopping.ts the
 * only place that ends the process.
 */

import { PAGE } from 'fullmesh:page'
import { createHash } from 'node:crypto'
import { dirname, join, resolve } from 'node:path'
import { type Command, parseCli } from './cli/arguments.ts'
import { check } from './cli/check.ts'
import { helpText } from './cli/help.ts'
import { carryOut, planInit } from './cli/init.ts'
import { localPageUrl } from './cli/local-endpoint.ts'
import { askYes, hasReader } from './cli/prompt.ts'
import { connectedAddresses } from './cli/status/running-node.ts'
import { status } from './cli/status/status.ts'
import { stopWhenAsked } from './cli/stopping.ts'
import { dirMissing } from './cli/usage-error.ts'
import { verify } from './cli/verify.ts'
import { type Version, versionText } from './cli/version.ts'
import { environmentOf } from './config/bun-env.ts'
import { type Config, readConfig } from './config/config.ts'
import { missingPermission } from './errors/missing-permission.ts'
import { NodeError } from './errors/node-error.ts'
import { Site } from './http/site.ts'
import { createLog } from './log/log.ts'
import { printable } from './log/printable.ts'
import { MeshNode } from './node/mesh-node.ts'
import { ownCode } from './runtime/own-code.ts'
import { programPath, programWords } from './runtime/program-path.ts'
import { runtimeName } from './runtime/runtime-name.ts'

/** The version in package.json; the bundler puts it in. */
declare const FULLMESH_VERSION: string

/**
 * SHA-256 of the running code, or nothing when it cannot be read, which only costs the comparison.
 */
function digestOfCode(): string {
  const code = ownCode(process)
  return code === undefined ? '' : createHash('sha256').update(code).digest('hex')
}

/** Does what was asked for, and gives the exit code; a node that runs on decides on its own. */
async function obey(command: Command): Promise<number | undefined> {
  switch (command.kind) {
    case 'help':
      print(helpText(command.about))
      return 0
    case 'version':
      print(versionText(ownVersion()))
      return 0
    case 'run':
      await run(folderOf(command))
      return undefined
    case 'init':
      await init(folderOf(command))
      return 0
    case 'status':
      return await status({
        config: configOf(command),
        form: command.form,
        stdout: process.stdout,
        env: process.env,
        signal: interruption(),
      })
    case 'check':
      return await check({ config: configOf(command), code: digestOfCode(), print })
    case 'verify': {
      const config = configOf(command)
      const connected = () => connectedAddresses(config)
      return await verify({ config, code: digestOfCode(), connected, print })
    }
    default:
      return command satisfies never
  }
}

async function run(dir: string): Promise<void> {
  const config = await readOrCreate(dir)
  const { stdout, stderr, env } = process
  const { logLevel: level, logFormat: format } = config
  const node = nodeFor(config)
  node.on('event', createLog({ level, format, stdout, stderr, env, now: () => new Date() }))
  stopWhenAsked(node)
  for (const text of config.warnings) node.report({ kind: 'warning', text })
  if (!(await node.start())) return
  const url = localPageUrl(config)
  if (url !== undefined) node.report({ kind: 'page', url })
  if (node.knownPeers.length === 0) {
    const isMissing = config.knownPeersFile === 'missing'
    node.report({ kind: 'no-known-peers', file: join(dir, 'known-peers.json'), isMissing })
  }
}

/** The configuration, which whoever sits at a terminal may have created when there is none. */
async function readOrCreate(dir: string): Promise<Config> {
  try {
    return readConfig({ dir, env: environmentOf(process) })
  } catch (error) {
    const isMissing = error instanceof NodeError && error.code === 'CONFIG_ENV_FILE_MISSING'
    if (!isMissing || !hasReader(process)) throw error
    const plan = await planInit(dir)
    const others = plan.knownPeers === undefined ? '' : ' and known-peers.json'
    const question = `no .env in ${dir}; create one with PORT=${plan.port}${others}?`
    if (!(await askYes(printable(question), process))) throw error
    for (const line of carryOut(plan)) print(printable(line))
    return readConfig({ dir, env: environmentOf(process) })
  }
}

async function init(dir: string): Promise<void> {
  for (const line of carryOut(await planInit(dir))) print(printable(line))
  print('now start the node: the same command without --init')
}

function nodeFor(config: Config): MeshNode {
  const runtime = runtimeName(process)
  return new MeshNode({
    ...config,
    listen: config.listenSubject === undefined ? undefined : config.listen,
    code: digestOfCode(),
    runtime,
    site: (facts) => {
      const { httpAllow: allow } = config
      return new Site({ ...facts, allow, page: PAGE, version: FULLMESH_VERSION, runtime })
    },
  })
}

/** Aborted by the first signal that wants us to end, and when nobody reads our output any more. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, abort)
  process.stdout.once('error', abort)
  return controller.signal
}

interface About {
  readonly dir?: string
}

function folderOf({ dir }: About): string {
  return dir === undefined ? folderOfProgram() : resolve(dir)
}

function configOf(command: About): Config {
  return readConfig({ dir: folderOf(command), env: environmentOf(process) })
}

function folderOfProgram(): string {
  const path = programPath(process)
  if (path === undefined) throw dirMissing()
  return dirname(path)
}

function ownVersion(): Version {
  return {
    version: FULLMESH_VERSION,
    runtime: runtimeName(process),
    platform: `${process.platform}-${process.arch}`,
    code: digestOfCode(),
  }
}

function print(line: string): void {
  console.log(line)
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

async function main(): Promise<void> {
  try {
    process.exitCode = await obey(parseCli(programWords(process)))
  } catch (error) {
    process.exitCode = explain(error)
  }
}

main()
