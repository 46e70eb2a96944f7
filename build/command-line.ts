/**
 * The command line of the tools, and their errors in one line without a stack. Also runs on Deno:
 * only Node's own modules and erasable syntax.
 */

import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

export const EXIT_USAGE = 2

/** An error that the user can fix: printed as one line, without a stack. */
export class ToolError extends Error {
  override readonly name = 'ToolError'
  readonly exitCode: number

  constructor(message: string, exitCode = 1) {
    super(message)
    this.exitCode = exitCode
  }
}

export interface CommandLine {
  readonly flags: ReadonlySet<string>
  /** Options with a value: `--root DIR` or `--root=DIR`. The last one wins. */
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

export interface Tool {
  readonly name: string
  readonly help: string
  readonly flags?: readonly string[]
  readonly values?: readonly string[]
  /** How many operands it takes at most. Default 0. */
  readonly operandsMax?: number
  run(commandLine: CommandLine): number | Promise<number>
}

/**
 * Runs a tool with the arguments of this process and sets the exit code. Handles `--help`. A
 * {@link ToolError} or an error of the operating system (no permission, disk full) becomes one line
 * on stderr; any other error is our bug and is thrown again.
 */
export async function runTool(tool: Tool): Promise<void> {
  try {
    const commandLine = readCommandLine(process.argv.slice(2), tool)
    if (commandLine.flags.has('--help')) console.log(tool.help.trim())
    else process.exitCode = await tool.run(commandLine)
  } catch (error) {
    const isExpected = error instanceof ToolError || (error instanceof Error && 'syscall' in error)
    if (!isExpected) throw error
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
      // Also '-1': the error for an invalid count is clearer than 'unknown option'.
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

/** True when the module with this `import.meta.url` is the program, not an import. */
export function isEntryPoint(moduleUrl: string): boolean {
  const program = process.argv[1]
  return program !== undefined && realpathSync(program) === fileURLToPath(moduleUrl)
}

function usage(problem: string): ToolError {
  return new ToolError(`${problem}, try --help`, EXIT_USAGE)
}
