/** Runs other programs to their end. */

import { type ExecFileOptions, execFile } from 'node:child_process'
import { ToolError } from './command-line.ts'

/**
 * Runs a program and gives its stdout.
 *
 * @throws {ToolError} with its stderr, when it cannot be started or fails
 */
export function runProgram(
  program: string,
  words: readonly string[],
  options: Pick<ExecFileOptions, 'cwd' | 'env'> = {},
): Promise<string> {
  // npm is a script on Windows, which only a shell can start.
  const shell = program === 'npm' && process.platform === 'win32'
  return new Promise((resolve, reject) => {
    execFile(program, words, { ...options, shell }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      const { code, signal, message } = error
      const problem =
        typeof code === 'number'
          ? `ended with exit code ${code}`
          : signal
            ? `was ended by ${signal}`
            : `cannot be started (${message})`
      const facts = [`${program} ${words[0]} ${problem}`, stderr.trim()].filter(Boolean)
      reject(new ToolError(facts.join(': ')))
    })
  })
}

/** Our environment without the options of our own Node, which another Node may refuse. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS, ...env } = process.env
  return env
}
