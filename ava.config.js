export default {
  extensions: { ts: 'module' },
  files: ['test/**/*.test.ts'],
  nodeArguments: [`--import=${new URL('build/typescript.js', import.meta.url)}`],
  workerThreads: false,
  concurrency: 2,
  timeout: '60s',
}
