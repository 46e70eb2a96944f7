/**
 * Loaded into a node before its program (`--import`): on SIGUSR2 it collects all garbage, and
 * prints what is left. Needs `--expose-gc`.
 */

process.on('SIGUSR2', () => {
  // Twice: what the first round finalizes, the second frees.
  globalThis.gc()
  globalThis.gc()
  process.stdout.write(`resident: ${Math.round(process.memoryUsage.rss() / 1024)} KiB\n`)
})
