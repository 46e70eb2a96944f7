export default {
  extensions: { ts: 'module' },
  files: ['test/**/*.test.ts'],
  // tsx runs TypeScript on every Node we support; ava must then run each file in a
  // process of its own.
  nodeArguments: ['--import=tsx'],
  workerThreads: false,
  concurrency: 2,
  timeout: '60s',
}
