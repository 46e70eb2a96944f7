/** A shell in a terminal of its own, used as by a person, and all that it shows. Linux only. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { waitUntil } from '../helpers/wait-until.ts'
import type { Chunk } from './recording-svg.ts'

/** Between two words that are typed, in ms. */
const WORD_MS = 140

export class Shell {
  readonly chunks: Chunk[] = []
  readonly #script: ChildProcess
  readonly #ended: Promise<unknown>
  /** What is typed, and not shown yet. */
  #echo = ''

  /** @param folder where it runs */
  constructor(folder: string, env: NodeJS.ProcessEnv) {
    // util-linux's script makes the terminal, which shows what is typed.
    const words = ['--quiet', '--flush', '--command', 'exec sh', '/dev/null']
    const script = spawn('script', words, {
      cwd: folder,
      env: { ...env, PS1: '$ ', TERM: 'dumb' },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    script.stdout.setEncoding('utf8').on('data', (text: string) => this.#take(text))
    this.#script = script
    this.#ended = once(script, 'exit')
  }

  /** All that it has shown. */
  get text(): string {
    return this.chunks.map(({ text }) => text).join('')
  }

  /** Waits until it has shown a text so many times. */
  async shows(text: string, times = 1): Promise<void> {
    await waitUntil(
      () => this.text.split(text).length > times,
      () => `no ${text} in\n${this.text}`,
    )
  }

  /** Types a line, word by word. */
  async type(line: string): Promise<void> {
    for (const word of [...line.split(/(?<= )/), '\n']) {
      this.#echo = word
      this.#script.stdin?.write(word)
      await waitUntil(
        () => this.#echo === '',
        () => `${word} is not shown in\n${this.text}`,
      )
      await delay(WORD_MS)
    }
  }

  /** Kills the program that the shell runs. */
  kill(): void {
    const program = childOf(childOf(this.#script.pid))
    if (program === undefined) throw new Error(`the shell runs nothing:\n${this.text}`)
    process.kill(program, 'SIGKILL')
  }

  /** Closes the terminal, which ends the shell and what it runs. */
  async close(): Promise<void> {
    this.#script.kill('SIGKILL')
    await this.#ended
  }

  #take(text: string): void {
    const atMs = Math.round(performance.now())
    const shown = text.replaceAll('\r', '')
    const typed = shown.startsWith(this.#echo) ? this.#echo : ''
    this.#echo = this.#echo.slice(typed.length)
    const printed = shown.slice(typed.length)
    if (typed !== '') this.chunks.push({ atMs, text: typed, isTyped: true })
    if (printed !== '') this.chunks.push({ atMs, text: printed, isTyped: false })
  }
}

function childOf(pid: number | undefined): number | undefined {
  const [child] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')
  return child ? Number(child) : undefined
}
