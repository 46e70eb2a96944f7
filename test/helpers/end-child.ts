/** The end of a process that a test has started. */

import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Kills a process and waits until it has ended, which it may have before. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.kill('SIGKILL')
  await exit
}
