/**
 * The command line of the tools: reading it, and ending with one clear line instead of a stack.
 * Runs on Node and Deno alike, so it uses nothing but Node's own modules and erasable syntax.
 */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** Exit code of a tool that did not understand its command line. */
export const EXIT_USAGE = 2

/** Something that the person at the terminal can mend: shown as one line, without a stack. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

/** What was found on a command line. */
export interface CommandLine {
  /** Flags that were given, such as `--force`. */
  readonly flags: ReadonlySet<string>
  /** Options with a value: `--root DIR` or `--root=DIR`. The last one wins. */
  readonly values: ReadonlyMap<string, string>
  /** Everything else, in order. */
  readonly operands: readonly string[]
}

/** One tool: what it is called, what it understands, and what it does. */
export interface Tool {
  readonly name: string
  readonly help: string
  readonly flags?: readonly string[]
  readonly values?: readonly string[]
  /** How many operands it takes at most. Default 0. */
  readonly operandsMax?: number
  /** Does the work and gives the exit code. */
  run(commandLine: CommandLine): number | Promise<number>
}

/**
 * Runs a tool with the arguments of this process and sets the exit code. Answers `--help` itself.
 * A {@link ToolError} or an error of the operating system (no permission, disk full) becomes one
 * line on stderr; anything else is our bug and is thrown on, with its stack.
 */
export async function runTool(tool: Tool): Promise<void> {
  try {
    const commandLine = readCommandLine(process.argv.slice(2), tool)
    if (commandLine.flags.has('--help')) console.log(tool.help.trim())
    else process.exitCode = await tool.run(commandLine)
  } catch (error) {
    if (!(error instanceof ToolError) && !isSystemError(error)) throw error
    console.error(`${tool.name}: ${error.message}`)
    process.exitCode = error instanceof ToolError ? error.exitCode : 1
  }
}

/**
 * Sorts arguments into flags, values and operands.
 *
 * @throws {ToolError} exit code 2 when a flag is unknown, a value is missing or there are too many
 * operands
 */
export function readCommandLine(
  args: readonly string[],
  tool: Pick<Tool, 'flags' | 'values' | 'operandsMax'>,
): CommandLine {
  const flags = new Set<string>()
  const values = new Map<string, string>()
  const operands: string[] = []
  const rest = args[Symbol.iterator]()
  for (const arg of rest) {
    const [option = '', ...assigned] = arg.split('=')
    if (arg === '--help' || arg === '-h') {
      flags.add('--help')
    } else if (tool.flags?.includes(arg)) {
      flags.add(arg)
    } else if (tool.values?.includes(option)) {
      const value = assigned.length > 0 ? assigned.join('=') : rest.next().value
      if (value === undefined || value === '') throw usage(`${option} needs a value`)
      values.set(option, value)
    } else if (/^-(?!\d)/.test(arg)) {
      throw usage(`unknown option '${arg}'`)
    } else {
      // '-1' lands here too: as a bad count it gets a better answer than as an unknown option.
      operands.push(arg)
    }
  }
  const surplus = operands[tool.operandsMax ?? 0]
  if (surplus !== undefined) throw usage(`unexpected argument '${surplus}'`)
  return { flags, values, operands }
}

/**
 * Reads a count from 1 to `max`.
 *
 * @throws {ToolError} exit code 2 when the text is anything else
 */
export function readCount(text: string, max: number): number {
  const count = /^[1-9]\d*$/.test(text) ? Number(text) : Number.NaN
  if (count <= max) return count
  throw new ToolError(`count must be an integer from 1 to ${max}, got '${text}'`, EXIT_USAGE)
}

/** True when the module with this `import.meta.url` is the program, and not imported by another. */
export function isEntryPoint(moduleUrl: string): boolean {
  const program = process.argv[1]
  return program !== undefined && realpathSync(program) === fileURLToPath(moduleUrl)
}

function usage(problem: string): ToolError {
  return new ToolError(`${problem}, try --help`, EXIT_USAGE)
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
