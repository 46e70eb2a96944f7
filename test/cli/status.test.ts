import { createServer } from 'node:net'
import test, { type ExecutionContext } from 'ava'
import { status } from '../../src/cli/status/status.ts'
import { requestStatus } from '../../src/cli/status/status-request.ts'
import { NodeError, type NodeErrorCode } from '../../src/errors/node-error.ts'
import { TlsAcceptor } from '../../src/tls/tls-acceptor.ts'
import { freePort } from '../helpers/free-port.ts'
import { configOfFolder } from '../helpers/node-config.ts'
import { serverFor } from '../helpers/server.ts'
import { SilentServer } from '../helpers/silent-server.ts'
import { aPeer, aStatus } from '../helpers/status-document.ts'
import { StatusServer } from '../helpers/status-server.ts'
import { TextScreen } from '../helpers/text-screen.ts'

const PROGRAM = './fullmesh-linux-x64'

const NEVER = new AbortController().signal

async function shown(
  t: ExecutionContext,
  server: StatusServer,
  form: 'table' | 'json',
  stdout = new TextScreen(),
) {
  const config = await configOfFolder(t, { port: server.port })
  const exitCode = await status({ config, program: PROGRAM, form, stdout, env: {}, signal: NEVER })
  return { exitCode, text: stdout.text }
}

async function refusal(
  t: ExecutionContext,
  port: number,
  code: NodeErrorCode,
  settings: Readonly<Record<string, number>> = {},
) {
  const config = await configOfFolder(t, { port, settings })
  const error = await t.throwsAsync(requestStatus(config, PROGRAM))
  if (!(error instanceof NodeError)) throw error
  t.is(error.code, code)
  t.is(error.exitCode, 1)
  t.true(error.message.includes(`:${port} (PORT set in `), error.message)
  t.true(error.message.includes(config.portSource), error.message)
  return error.message
}

test('status - shows a table, and ends with 0 when the node is complete', async (t) => {
  const server = await StatusServer.start(t, aStatus([aPeer(4002)]))
  const { exitCode, text } = await shown(t, server, 'table')
  t.is(exitCode, 0)
  t.regex(text, /^ws:\/\/localhost:4002 +connected/m)
  t.true(text.endsWith('\nall 2 nodes connected\n'))
  t.is(server.headers.host, `localhost:${server.port}`)
})

test('status - ends with 1 when the node is not complete', async (t) => {
  const server = await StatusServer.start(t, aStatus([], { complete: false }))
  for (const form of ['table', 'json'] as const) t.is((await shown(t, server, form)).exitCode, 1)
})

test('status - prints the whole document for programs', async (t) => {
  const document = { ...aStatus([aPeer(4002)]), more: ['\u009b2J\u202e'] }
  const { text } = await shown(t, await StatusServer.start(t, document), 'json')
  t.deepEqual(JSON.parse(text), document)
  t.true(text.split('\n').length > 20)
  t.regex(text, /^[\x20-\x7e\n]*$/)
})

test('status - is coloured on a terminal only, and honors NO_COLOR', async (t) => {
  const server = await StatusServer.start(t, aStatus([aPeer(4002)]))
  const config = await configOfFolder(t, { port: server.port })
  const textOf = async (isTTY: boolean, env: Record<string, string>) => {
    const stdout = new TextScreen({ isTTY })
    await status({ config, program: PROGRAM, form: 'table', stdout, env, signal: NEVER })
    return stdout.text
  }
  t.true((await textOf(true, {})).includes('\u001b['))
  t.false((await textOf(true, { NO_COLOR: '1' })).includes('\u001b['))
  t.false((await textOf(false, {})).includes('\u001b['))
})

test('status - explains in one line that the node is not running', async (t) => {
  const message = await refusal(t, await freePort(t), 'STATUS_NODE_NOT_RUNNING')
  t.true(message.endsWith(`; start it with ${PROGRAM}`), message)
})

const OTHERS: readonly (readonly [title: string, code: number, body: unknown, fact: string])[] = [
  ['an older node', 426, 'This is a node of a mesh.', 'older version'],
  ['a node that refuses', 403, '', 'HTTP_ALLOW'],
  ['another program', 404, 'nothing here', 'HTTP 404'],
  ['a page', 200, '<html></html>', 'not JSON'],
  ['another document', 200, { hello: 1 }, 'format is not a number'],
  ['a later format', 200, { ...aStatus(), format: 2 }, 'its format is 2'],
]

for (const [title, statusCode, body, fact] of OTHERS) {
  test(`status - explains in one line that ${title} answers`, async (t) => {
    const server = await StatusServer.start(t, body)
    server.statusCode = statusCode
    const message = await refusal(t, server.port, 'STATUS_NOT_UNDERSTOOD')
    t.true(message.includes(fact), message)
  })
}

test('status - gives up on a listener that never answers', async (t) => {
  const silent = await SilentServer.start(t)
  const port = Number(new URL(silent.address).port)
  t.true(
    (await refusal(t, port, 'STATUS_NOT_UNDERSTOOD', { DIAL_TIMEOUT_MS: 300 })).includes('in time'),
  )
})

test('status - gives up on an answer that is not HTTP', async (t) => {
  const port = await freePort(t)
  const server = createServer((socket) => socket.on('error', () => {}).end('\u001b[31mhi\r\n\r\n'))
  t.teardown(() => server.close())
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  t.regex(await refusal(t, port, 'STATUS_NOT_UNDERSTOOD'), /^[\x20-\x7e]+$/)
})

const CHANGED = '; if ADDRESS or TLS has changed since it started, restart it'

test('status - explains in one line that the node does not encrypt, unlike its files', async (t) => {
  const { port } = await StatusServer.start(t, aStatus())
  const config = { ...(await configOfFolder(t, { port })), isSecure: true }
  const error = await t.throwsAsync(requestStatus(config, PROGRAM))
  t.true(error.message.endsWith(`): does not speak TLS${CHANGED}`), error.message)
})

test('status - explains in one line that the node encrypts, unlike its files', async (t) => {
  const { server, port } = await serverFor(t, { tls: new TlsAcceptor(undefined) })
  await server.listen()
  const message = await refusal(t, port, 'STATUS_NOT_UNDERSTOOD')
  t.true(message.endsWith(`: speaks TLS${CHANGED}`), message)
})

test('status - explains that of an older node, which ends the connection', async (t) => {
  const acceptor = new TlsAcceptor(undefined)
  const server = createServer((socket) => acceptor.accept(socket))
  t.teardown(() => server.close())
  const port = await freePort(t)
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const message = await refusal(t, port, 'STATUS_NOT_UNDERSTOOD')
  t.regex(message, /: connection lost: '[a-zA-Z ]+'; if ADDRESS/)
  t.true(message.endsWith(CHANGED), message)
})

test('status - tries the next host of LISTEN when nothing listens on the first', async (t) => {
  const server = await StatusServer.start(t, aStatus())
  const settings = { LISTEN: '::1,127.0.0.1' }
  const config = await configOfFolder(t, { port: server.port, settings })
  t.deepEqual((await requestStatus(config, PROGRAM)).status, aStatus())
})
