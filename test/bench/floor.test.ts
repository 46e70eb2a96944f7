/** The floor of the bench does the work of a WebSocket, or its figures would be worth nothing. */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { type RawData, WebSocket, WebSocketServer } from 'ws'
import { REPOSITORY, TYPESCRIPT } from '../../build/repository.ts'
import { freePort } from '../helpers/free-port.ts'

/** Longer than it takes on a busy machine. */
const DEADLINE_MS = 20_000

/** Starts the program, and waits until it listens. */
async function startFloor(t: ExecutionContext, port: number) {
  const program = [...TYPESCRIPT, join('bench', 'programs', 'floor.ts'), String(port)]
  const child = spawn(process.execPath, program, {
    cwd: REPOSITORY,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  t.teardown(() => child.kill('SIGKILL'))
  await once(child.stdout, 'data', { signal: AbortSignal.timeout(DEADLINE_MS) })
  return child
}

const helloOf = (port: number) => `{"type":"HANDSHAKE","data":["ws://localhost:${port}"]}`

/** The next message of a ws socket; an error when it breaks the protocol, or is closed. */
function messageOf(socket: WebSocket): Promise<string> {
  return new Promise((resolve, reject) => {
    socket.once('message', (data: RawData) => resolve(String(data)))
    socket.once('error', reject)
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)))
  })
}

test('floor - answers a WebSocket of ws, and sends it the message', async (t) => {
  t.timeout(2 * DEADLINE_MS)
  const port = await freePort(t)
  await startFloor(t, port)
  const socket = new WebSocket(`ws://localhost:${port}`, { perMessageDeflate: false })
  t.teardown(() => socket.terminate())
  t.is(await messageOf(socket), helloOf(port))
})

test('floor - dials a server of ws, and sends it the message, masked', async (t) => {
  t.timeout(2 * DEADLINE_MS)
  const [port, other] = [await freePort(t), await freePort(t)]
  const server = new WebSocketServer({ host: '127.0.0.1', port: other })
  t.teardown(() => server.close())
  const child = await startFloor(t, port)
  const accepted = new Promise<string>((resolve, reject) => {
    server.once('connection', (socket) => {
      t.teardown(() => socket.terminate())
      messageOf(socket).then(resolve, reject)
    })
  })
  child.stdin.write(`[${other}]\n`)
  t.is(await accepted, helloOf(port))
})
