/** A client for server-sent events, as WHATWG HTML §9.2.6 defines it. */

import { type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http'
import type { ExecutionContext } from 'ava'

/** One event. */
export interface ReadEvent {
  readonly name: string
  readonly data: string
  /** Undefined when it has none of its own. */
  readonly id: string | undefined
}

/** One connection to `/events`, or to a topic. */
export class EventReader {
  readonly response: IncomingMessage
  readonly events: ReadEvent[] = []
  readonly comments: string[] = []
  retryMs: number | undefined
  /** The id that came last, with an event or alone. */
  lastId = ''
  isClosed = false
  /** Chunks of an event that has not ended. To search a long one at each chunk would be slow. */
  #begun: string[] = []

  private constructor(response: IncomingMessage) {
    this.response = response
    response.setEncoding('utf8').on('data', (chunk) => this.#read(String(chunk)))
    response.on('error', () => {})
    response.on('close', () => {
      this.isClosed = true
    })
  }

  /** Requests `/events`. Disconnects after the test. */
  static open(
    t: ExecutionContext,
    port: number,
    path = '/events',
    headers: OutgoingHttpHeaders = {},
  ): Promise<EventReader> {
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port, path, headers, agent: false },
        (response) => {
          resolve(new EventReader(response))
        },
      )
      t.teardown(() => asked.destroy())
      asked.on('error', reject)
      asked.end()
    })
  }

  disconnect(): void {
    this.response.destroy()
  }

  #read(chunk: string): void {
    const endsBefore = this.#begun.at(-1)?.endsWith('\n') === true && chunk.startsWith('\n')
    this.#begun.push(chunk)
    if (!endsBefore && !chunk.includes('\n\n')) return
    const blocks = this.#begun.join('').split('\n\n')
    this.#begun = [blocks.pop() ?? '']
    for (const block of blocks) this.#take(block.split('\n'))
  }

  #take(lines: readonly string[]): void {
    const fields = new Map(
      lines
        .map((line) => /^([a-z]*): ?(.*)$/.exec(line)?.slice(1) ?? [])
        .map(([name = '?', value = '']) => [name, value] as const),
    )
    const [comment, retry, data] = [fields.get(''), fields.get('retry'), fields.get('data')]
    if (comment !== undefined) this.comments.push(comment)
    if (retry !== undefined) this.retryMs = Number(retry)
    const id = fields.get('id')
    if (id !== undefined) this.lastId = id
    if (data !== undefined) this.events.push({ name: fields.get('event') ?? 'message', data, id })
  }
}
