import { availableParallelism } from 'node:os'

/** Files that take longest, or wait longest, are begun first: so that nothing waits for them. */
const LONGEST = [
  // Ten pods, one after the other.
  'deploy/rolling-restart',
  // Kills processes that publish as fast as they can: not at the time of the floods.
  'faults/durable',
  // Makes the binary that others wait for.
  'binaries/payload',
  'page',
  'faults-of-n',
  'sim',
  'runtimes',
  'tools/start',
  'binaries',
  'e2e/plain-peers',
  'faults/memory',
  'e2e',
  'faults',
  'package',
  'build',
]

function place(path) {
  const place = LONGEST.findIndex((name) => path.replaceAll('\\', '/').includes(`/test/${name}`))
  return place === -1 ? LONGEST.length : place
}

export default {
  extensions: { mjs: true, ts: 'module' },
  // build/test.ts makes the second: bundles of the first, of JavaScript.
  files: ['test/**/*.test.ts', 'dist/test/**/*.test.mjs'],
  nodeArguments: process.env.FULLMESH_TESTS
    ? []
    : [`--import=${new URL('build/typescript.js', import.meta.url)}`],
  workerThreads: false,
  sortTestFiles: (one, other) => place(one) - place(other),
  // Most files wait for processes and timers of theirs.
  concurrency: 2 * availableParallelism(),
  timeout: '60s',
}
