/** How a running node comes to its end: by signals, and when its parent is gone. */

import { isatty } from 'node:tty'
import type { MeshNode } from '../node/mesh-node.ts'
import { monotonicMs } from '../runtime/monotonic.ts'

/**
 * Signals that come together are one: npm passes on a Ctrl-C that the terminal has sent to us, too.
 * In ms.
 */
const SAME_SIGNAL_MS = 200

/** The exit code of a process that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/**
 * Ends the process well on the first signal and when its parent is gone, at once on the next
 * signal.
 */
export function stopWhenAsked(node: MeshNode): void {
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
  stopWithParent(stop)
}

/**
 * Whoever starts a node with an IPC channel, such as `npm start`, wants it to end with them, even
 * when they are killed and can no longer say so: then the system closes the channel. Nothing is
 * ever sent on it.
 */
function stopWithParent(stop: () => void): void {
  if (process.channel === undefined) return
  process.on('disconnect', stop)
  // To listen keeps the process alive; that is for the sockets to do.
  process.channel.unref()
}
