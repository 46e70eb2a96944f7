/** The HTTP side of a node in this process, for commands of topics. */

import type { ExecutionContext } from 'ava'
import { NodeError, type NodeErrorCode } from '../../src/errors/node-error.ts'
import type { HttpHandlerOptions } from '../../src/http/http-handler.ts'
import { handlerFor } from './http-handler.ts'
import { configOfFolder } from './node-config.ts'
import { TestTopics } from './test-topics.ts'

/** The program, as commands name it. */
export const PROGRAM = './fullmesh-linux-x64'

export async function nodeFor(
  t: ExecutionContext,
  port?: number,
  options: Partial<HttpHandlerOptions> = {},
) {
  const topics = new TestTopics(1)
  const http = await handlerFor(t, { topics: topics.facts(), ...options }, port)
  topics.onNews = () => http.handler.wake()
  return { http, topics, config: await configOfFolder(t, { port: http.port }) }
}

/** The message of the error that a command ends with. */
export async function refusal(
  t: ExecutionContext,
  act: Promise<unknown>,
  code: NodeErrorCode,
  exitCode: 1 | 2,
): Promise<string> {
  const error = await t.throwsAsync(act)
  if (!(error instanceof NodeError)) throw error
  t.is(error.code, code)
  t.is(error.exitCode, exitCode)
  return error.message
}
