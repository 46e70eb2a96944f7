/** `request`, with the HTTP side of a node in this process. */

import test, { type ExecutionContext } from 'ava'
import { request } from '../../src/cli/topics/request.ts'
import { NodeError, type NodeErrorCode } from '../../src/errors/node-error.ts'
import type { AskPeer } from '../../src/http/questions.ts'
import { requestError } from '../../src/node/request-error.ts'
import { freePort } from '../helpers/free-port.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { configOfFolder } from '../helpers/node-config.ts'
import { StatusServer } from '../helpers/status-server.ts'

const PEER = 'ws://localhost:4002'

/** What the command prints. */
async function outputOf(
  t: ExecutionContext,
  ask: AskPeer,
  { text, isTTY = false }: { readonly text?: string; readonly isTTY?: boolean } = {},
): Promise<string> {
  const { port } = await handlerFor(t, { ask })
  let printed = ''
  const stdout = {
    isTTY,
    write: (piece: string) => {
      printed += piece
    },
  }
  const config = await configOfFolder(t, { port })
  const asked = { config, program: 'node index.js', peer: PEER, topic: 'a.ü', stdout }
  t.is(await request(text === undefined ? asked : { ...asked, text }), 0)
  return printed
}

async function errorOf(t: ExecutionContext, act: Promise<unknown>): Promise<NodeError> {
  const error = await t.throwsAsync(act)
  if (!(error instanceof NodeError)) throw error
  return error
}

test('request - prints a text as it is, and anything else as JSON', async (t) => {
  const echo: AskPeer = async (to, topic, body) => [
    to,
    topic,
    body instanceof Uint8Array ? '' : body,
  ]
  t.is(await outputOf(t, echo, { text: 'x' }), `["${PEER}","a.ü","x"]\n`)
  t.is(await outputOf(t, echo), `["${PEER}","a.ü",null]\n`)
  t.is(await outputOf(t, echo, { text: '' }), `["${PEER}","a.ü",""]\n`)
  const colored: AskPeer = async () => 'one\n\u001b[31mtwo'
  t.is(await outputOf(t, colored), 'one\n\u001b[31mtwo\n')
  t.false((await outputOf(t, colored, { isTTY: true })).includes('\u001b'))
})

test('request - its exit code tells whether it ran', async (t) => {
  const stdout = { write: () => t.fail() }
  const to = { program: 'node index.js', peer: PEER, topic: 'a', stdout }
  const codes: readonly (readonly [NodeErrorCode, 1 | 3])[] = [
    ['NO_RESPONDER', 1],
    ['TOO_MANY_REQUESTS', 1],
    ['RESPONDER_FAILED', 3],
    ['PEER_GONE', 3],
    ['TIMEOUT', 3],
  ]
  for (const [code, exitCode] of codes) {
    const ask = async (): Promise<never> => {
      throw new NodeError(code, `it is ${code}`)
    }
    const { port } = await handlerFor(t, { ask })
    const error = await errorOf(t, request({ ...to, config: await configOfFolder(t, { port }) }))
    t.like(error, { exitCode, message: `it is ${code}` })
  }
})

const QUOTES = { error: 'RESPONDER_FAILED', text: 'its own request: it did not run' } as const

const OUTCOMES: readonly (readonly [title: string, 1 | 3, Parameters<typeof requestError>[1]])[] = [
  ['its peer is never there', 1, { kind: 'gone', because: 'never', wasSent: false }],
  ['its connection is lost', 3, { kind: 'gone', because: 'lost', wasSent: true }],
  [
    'its connection is lost before it was sent',
    1,
    { kind: 'gone', because: 'lost', wasSent: false },
  ],
  ['its peer stops', 3, { kind: 'gone', because: 'goodbye', wasSent: true }],
  ['its peer has stopped', 1, { kind: 'gone', because: 'goodbye', wasSent: false }],
  ['no answer comes', 3, { kind: 'timeout', wasSent: true }],
  ['it is not sent in time', 1, { kind: 'timeout', wasSent: false }],
  ['its responder fails with what did not run', 3, { kind: 'refusal', ...QUOTES }],
]

for (const [title, exitCode, outcome] of OUTCOMES) {
  test(`request - exits with ${exitCode} when ${title}`, async (t) => {
    const ask = async (): Promise<never> => {
      throw requestError({ to: PEER, topic: 'a', timeoutMs: 10_000 }, outcome).error
    }
    const { port } = await handlerFor(t, { ask })
    const config = await configOfFolder(t, { port })
    const stdout = { write: () => t.fail() }
    const to = { config, program: 'node index.js', peer: PEER, topic: 'a', stdout }
    t.like(await errorOf(t, request(to)), { code: 'TOPICS_REFUSED', exitCode })
  })
}

test('request - what is wrong with its words, or the node, is one line', async (t) => {
  const stdout = { write: () => t.fail() }
  const config = await configOfFolder(t, { port: await freePort(t) })
  const to = { config, program: 'node index.js', peer: PEER, topic: 'a', stdout }
  t.like(await errorOf(t, request({ ...to, peer: 'bob' })), {
    code: 'CLI_PEER_INVALID',
    exitCode: 2,
  })
  t.like(await errorOf(t, request({ ...to, topic: 'a.*' })), { code: 'CLI_TOPIC_INVALID' })
  t.like(await errorOf(t, request(to)), { code: 'TOPICS_NODE_NOT_RUNNING', exitCode: 1 })
  const server = await StatusServer.start(t, '')
  const other = { ...to, config: await configOfFolder(t, { port: server.port }) }
  const old = await errorOf(t, request(other))
  t.like(old, { code: 'TOPICS_REFUSED', exitCode: 1 })
  t.regex(old.message, /older version/)
  server.onRequest = (response) => response.end('<p>')
  const page = await errorOf(t, request(other))
  t.like(page, { code: 'TOPICS_REFUSED', exitCode: 1, message: 'nothing was asked: <p>' })
})
