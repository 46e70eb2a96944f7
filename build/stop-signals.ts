/** What ends a tool that runs processes of its own: signals, a reader or a parent that is gone. */

/** One Ctrl-C arrives twice within this time: from the terminal, and from npm. */
export const REPEAT_MS = 300

const PARENT_CHECK_MS = 500

/** `stop` at the first Ctrl-C (or SIGTERM, or the terminal closing), `kill` at the second. */
export function stopSignals(): { stop: AbortSignal; kill: AbortSignal } {
  const stop = new AbortController()
  const kill = new AbortController()
  let stoppedMs: number | undefined
  const onSignal = () => {
    const nowMs = performance.now()
    stoppedMs ??= nowMs
    stop.abort()
    if (nowMs - stoppedMs > REPEAT_MS) kill.abort()
  }
  // Never kills: only a signal can be the second Ctrl-C.
  const onLost = () => {
    stoppedMs ??= performance.now()
    stop.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  // The reader has ended: `npm start | head`, or a closed terminal.
  process.stdout.on('error', onLost)
  process.stderr.on('error', onLost)
  onLostParent(onLost)
  return { stop: stop.signal, kill: kill.signal }
}

/** A SIGTERM for npm ends the shell between npm and us, which only changes our parent process. */
function onLostParent(callback: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    callback()
  }, PARENT_CHECK_MS).unref()
}
