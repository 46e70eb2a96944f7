import { availableParallelism } from 'node:os'

export default {
  extensions: { ts: 'module' },
  // build/test.ts makes the second: files that import several of the first.
  files: ['test/**/*.test.ts', 'dist/test/*.test.ts'],
  nodeArguments: [`--import=${new URL('build/typescript.js', import.meta.url)}`],
  workerThreads: false,
  // Most files wait for processes and timers of theirs.
  concurrency: 2 * availableParallelism(),
  timeout: '60s',
}
