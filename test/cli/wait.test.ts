import { createServer } from 'node:http'
import test, { type ExecutionContext } from 'ava'
import type { Wait } from '../../src/cli/arguments.ts'
import { wait } from '../../src/cli/status/wait.ts'
import { freePort } from '../helpers/free-port.ts'
import { configOfFolder } from '../helpers/node-config.ts'
import { SilentServer } from '../helpers/silent-server.ts'

/** What waiting for what listens on a port gives and prints. */
async function waited(t: ExecutionContext, port: number, until: Wait['until'], timeoutMs = 20_000) {
  const lines: string[] = []
  const config = await configOfFolder(t, { port })
  const startMs = performance.now()
  const exitCode = await wait({ config, until, timeoutMs, print: (line) => lines.push(line) })
  return { exitCode, lines, tookMs: performance.now() - startMs }
}

/** Answers `/health` one after the other, with the last one again and again. */
async function server(
  t: ExecutionContext,
  answers: readonly (readonly [status: number, body: unknown])[],
) {
  const port = await freePort(t)
  const paths: (string | undefined)[] = []
  const http = createServer(({ url }, response) => {
    const [status, body] = answers[Math.min(paths.length, answers.length - 1)] ?? [500, {}]
    paths.push(url)
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  t.teardown(() => http.close())
  const listen = () => new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
  return { port, paths, listen }
}

test.serial('wait - ends with 0 as soon as a node listens, complete or not', async (t) => {
  const { listen, paths, port } = await server(t, [[200, { status: 'ok', summary: 'alone' }]])
  const waiting = waited(t, port, 'listening')
  await listen()
  const { exitCode, lines } = await waiting
  t.is(exitCode, 0)
  t.deepEqual(lines, ['listening: alone'])
  t.deepEqual(paths, ['/health'])
})

test.serial('wait - asks until the mesh is complete', async (t) => {
  const incomplete = [503, { status: 'incomplete', summary: '1 missing' }] as const
  const complete = [200, { status: 'complete', summary: 'all 3 nodes connected' }] as const
  const { listen, paths, port } = await server(t, [incomplete, incomplete, complete])
  await listen()
  const { exitCode, lines } = await waited(t, port, 'complete')
  t.is(exitCode, 0)
  t.deepEqual(lines, ['complete: all 3 nodes connected'])
  t.deepEqual(paths, Array(3).fill('/health?complete'))
})

const PROBLEMS = [
  [503, { status: 'incomplete', summary: '1 missing' }, '1 missing'],
  [404, 'nothing here', 'no node of this version on '],
  [200, '<!doctype html>', 'no node of this version on '],
  [200, { status: 'ok' }, 'no node of this version on '],
] as const

for (const [status, body, problem] of PROBLEMS) {
  test.serial(
    `wait - says after its time what was wrong: ${status} ${JSON.stringify(body)}`,
    async (t) => {
      const { listen, port } = await server(t, [[status, body]])
      await listen()
      const { exitCode, lines, tookMs } = await waited(t, port, 'complete', 1_000)
      t.is(exitCode, 1)
      t.is(lines.length, 1)
      t.true(lines[0]?.startsWith('not complete after 1 s: '), lines[0])
      t.true(lines[0]?.includes(problem), lines[0])
      t.true(tookMs > 700, `gave up after ${tookMs} ms`)
    },
  )
}

test.serial(
  'wait - says what was so before, when too little time is left for an answer',
  async (t) => {
    const port = await freePort(t)
    let isAsked = false
    const http = createServer((_request, response) => {
      if (!isAsked) response.writeHead(503).end(JSON.stringify({ summary: '1 missing' }))
      isAsked = true
    })
    t.teardown(() => {
      http.closeAllConnections()
      http.close()
    })
    await new Promise<void>((resolve) => http.listen(port, '127.0.0.1', resolve))
    const { lines } = await waited(t, port, 'complete', 600)
    t.deepEqual(lines, ['not complete after 0.6 s: 1 missing'])
  },
)

test.serial('wait - ends in its time when nothing listens, and when nothing answers', async (t) => {
  const nothing = await waited(t, await freePort(t), 'listening', 1_000)
  t.is(nothing.exitCode, 1)
  t.regex(nothing.lines[0] ?? '', /^not listening after 1 s: nothing listens on \S+:\d+ \(PORT set/)
  const port = Number(new URL((await SilentServer.start(t)).address).port)
  const silent = await waited(t, port, 'listening', 1_000)
  t.is(silent.exitCode, 1)
  t.regex(silent.lines[0] ?? '', /^not listening after 1 s: no answer in time on/)
  t.true(silent.tookMs < 4_000, `took ${silent.tookMs} ms`)
})
