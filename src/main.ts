/**
 * The program: parses and executes a command. The process ends only here, in cli/run.ts, and in
 * cli/required-runtime.ts.
 */

import './cli/required-runtime.ts'

import { PAGE } from 'fullmesh:page'
import { resolve } from 'node:path'
import { type Command, parseCli } from './cli/arguments.ts'
import { withAutoAddress } from './cli/auto-address.ts'
import { check } from './cli/check.ts'
import { helpFile, helpText } from './cli/help.ts'
import { carryOut, planInit } from './cli/init.ts'
import { addPeer, forget } from './cli/peers.ts'
import { codeDigest, programFolder, programName, versionText } from './cli/program.ts'
import { run } from './cli/run.ts'
import { drawSecret, tokenOf, writeSecret } from './cli/secret.ts'
import { shellWord } from './cli/shell-word.ts'
import { status } from './cli/status/status.ts'
import { wait } from './cli/status/wait.ts'
import { publish } from './cli/topics/publish.ts'
import { request } from './cli/topics/request.ts'
import { subscribe } from './cli/topics/subscribe.ts'
import { type Config, readConfig } from './config/config.ts'
import { environmentOf } from './config/environment.ts'
import { NodeError } from './errors/node-error.ts'
import { processProblem, systemCodeOf, textOf } from './errors/system-error.ts'
import { printable } from './log/printable.ts'
import { programWords } from './runtime/program-path.ts'
import { runtimeName } from './runtime/runtime-name.ts'

/** The version in package.json; the bundler inserts it. */
declare const FULLMESH_VERSION: string

const program = programName(process)

/** Gives the exit code; undefined for a node, which goes on running. */
async function execute(command: Command): Promise<number | undefined> {
  switch (command.kind) {
    case 'help':
      print(helpText(program, command.about))
      return 0
    case 'version': {
      const platform = `${process.platform}-${process.arch}`
      const facts = { version: FULLMESH_VERSION, runtime: runtimeName(process), platform }
      print(versionText({ ...facts, code: codeDigest(process) }))
      return 0
    }
    case 'run': {
      const code = codeDigest(process)
      const page = [...PAGE, helpFile(program)]
      await run({ dir: folderOf(command), page, version: FULLMESH_VERSION, code, print })
      return undefined
    }
    case 'init': {
      const { dir } = command
      const start = dir === undefined ? program : `${program} --dir ${shellWord(dir)}`
      const lines = carryOut(await planInit(folderOf(command)))
      for (const line of [...lines, `next: ${start}`]) print(printable(line))
      return 0
    }
    case 'status': {
      const config = await configOf(command)
      const { stdout, env } = process
      const signal = interruption()
      return await status({ config, program, form: command.form, stdout, env, signal })
    }
    case 'wait':
      return await wait({ ...command, config: await configOf(command), print })
    case 'publish': {
      const { stdin } = process
      return await publish({ ...command, config: await configOf(command), program, stdin })
    }
    case 'request': {
      const { stdout } = process
      return await request({ ...command, config: await configOf(command), program, stdout })
    }
    case 'subscribe': {
      const { stdout, env } = process
      const config = await configOf(command)
      const screen = { stdout, env, warn, signal: interruption() }
      return await subscribe({ ...command, config, program, ...screen })
    }
    case 'add-peer':
    case 'forget': {
      const change = command.kind === 'forget' ? forget : addPeer
      return await change({ config: await configOf(command), address: command.address, print })
    }
    case 'check': {
      const config = await configOf(command)
      return await check({ config, code: codeDigest(process), program, print })
    }
    case 'secret':
      print(await secretLine(command))
      return 0
    default:
      return command satisfies never
  }
}

async function secretLine(command: Extract<Command, { readonly kind: 'secret' }>): Promise<string> {
  switch (command.form) {
    case 'new':
      return drawSecret()
    case 'file':
      return printable(writeSecret(folderOf(command)))
    case 'token':
      return tokenOf(await configOf(command))
  }
}

function folderOf({ dir }: { readonly dir?: string }): string {
  return dir === undefined ? programFolder(process) : resolve(dir)
}

function configOf(command: { readonly dir?: string }): Promise<Config> {
  return withAutoAddress(readConfig({ dir: folderOf(command), env: environmentOf(process) }))
}

/** Aborted by the first signal, and when standard output is closed. */
function interruption(): AbortSignal {
  const controller = new AbortController()
  const abort = (): void => controller.abort()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, abort)
  process.stdout.once('error', abort)
  return controller.signal
}

/** Output that cannot be written, as on a full disk, is an error; that nobody reads it is none. */
function endWithOutput(exitCode: 1 | 3): void {
  process.stdout.on('error', (error) => {
    if (systemCodeOf(error) === 'EPIPE') return
    const message = `standard output cannot be written: ${textOf(error)}`
    process.exit(explain(new NodeError('OUTPUT_NOT_WRITTEN', message, { exitCode })))
  })
}

const print = (line: string): void => console.log(line)

const warn = (line: string): void => console.error(line)

/** Prints an operator's error in one line and gives the exit code; throws any other error again. */
function explain(error: unknown): number {
  const mistake = error instanceof NodeError ? error : processProblem(error)
  if (mistake === undefined) throw error
  console.error(mistake.message)
  return mistake.exitCode
}

// Without --allow-net, Deno throws outside of any call of ours.
if ('deno' in process.versions) {
  process.on('uncaughtException', (error) => process.exit(explain(error)))
}

async function main(): Promise<void> {
  try {
    const command = parseCli(programWords(process), program)
    // A request has run: its answer is what is lost. A node goes on without its log.
    if (command.kind !== 'run') endWithOutput(command.kind === 'request' ? 3 : 1)
    process.exitCode = await execute(command)
  } catch (error) {
    process.exitCode = explain(error)
  }
}

main()
