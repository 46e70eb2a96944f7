/** Running other programs to their end. */

import { type SpawnOptions, spawn } from 'node:child_process'
import { ToolError } from './command-line.ts'

/**
 * Runs a program and waits for it. Nothing of what it prints is shown, unless it fails.
 *
 * @throws {ToolError} with what it printed on stderr, when it cannot be started or fails
 */
export function runProgram(
  program: string,
  words: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    // npm is a script on Windows, which only a shell can start.
    const shell = program === 'npm' && process.platform === 'win32'
    const child = spawn(program, words, { ...options, shell, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    const fail = (problem: string): void => {
      const facts = [`${program} ${words[0]} ${problem}`, said.trim()].filter(Boolean)
      reject(new ToolError(facts.join(': ')))
    }
    child.on('error', (error) => fail(`cannot be started (${error.message})`))
    child.on('close', (code, signal) => {
      if (code === 0) resolve()
      else fail(code === null ? `was ended by ${signal}` : `ended with exit code ${code}`)
    })
  })
}
