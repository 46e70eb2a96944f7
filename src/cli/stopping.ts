/** Stops a running node on signals, and when its parent ends. */

import { isatty } from 'node:tty'
import type { MeshNode } from '../node/mesh-node.ts'
import { monotonicMs } from '../runtime/monotonic.ts'

/** Signals within this time, in ms, count as one: npm forwards a Ctrl-C that the node also gets. */
const SAME_SIGNAL_MS = 200

/** The exit code of a process that Ctrl-C ended, by the convention of shells: 128 + SIGINT. */
const EXIT_INTERRUPTED = 130

/** Stops the node on the first signal or when its parent ends; the next signal ends at once. */
export function stopOnSignal(node: MeshNode): void {
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
 * A parent with an IPC channel, such as `npm start`, stops its nodes when it ends, even when it is
 * killed: then the system closes the channel. Nothing is ever sent on it.
 */
function stopWithParent(stop: () => void): void {
  if (process.channel === undefined) return
  process.on('disconnect', stop)
  // A listener on it keeps the process alive; only the sockets should.
  process.channel.unref()
}
