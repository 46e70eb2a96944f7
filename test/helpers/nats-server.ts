/** A nats-server with JetStream that can be killed, and a client of its own protocol. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ExecutionContext } from 'ava'
import { NATS_SERVER } from '../../build/unpacked-program.ts'
import { endChild } from './end-child.ts'
import { freePort } from './free-port.ts'
import { temporaryFolder } from './temporary-folder.ts'
import { waitUntil } from './wait-until.ts'

export interface StoredMessage {
  readonly subject: string
  readonly text: string
}

export class NatsServer {
  readonly port: number
  readonly #folder: string
  #process: ChildProcess | undefined
  #socket: Socket | undefined
  readonly #answers = new Map<string, string>()
  #requests = 0

  private constructor(port: number, folder: string) {
    this.port = port
    this.#folder = folder
  }

  static async start(t: ExecutionContext): Promise<NatsServer> {
    const server = new NatsServer(await freePort(t), temporaryFolder(t))
    t.teardown(() => server.kill())
    await server.start()
    return server
  }

  /** Also again, with what it had stored. */
  async start(): Promise<void> {
    const words = ['--addr', '127.0.0.1', '--port', String(this.port)]
    this.#process = spawn(NATS_SERVER.find(), [...words, '--js', '--sd', this.#folder], {
      stdio: 'ignore',
    })
    await waitUntil(
      () => this.#connect(),
      () => `no nats-server listens on ${this.port}`,
    )
  }

  async kill(): Promise<void> {
    this.#socket?.destroy()
    if (this.#process !== undefined) await endChild(this.#process)
  }

  /** Resolves with what the stream answers once it has stored the message. */
  async publish(subject: string, text: string): Promise<void> {
    await this.#request(subject, text)
  }

  /** Gets the next message for a consumer, which is of that subject, and acknowledges none. */
  async take(stream: string, consumer: string, subject: string): Promise<void> {
    await this.#request(`$JS.API.CONSUMER.MSG.NEXT.${stream}.${consumer}`, '', subject)
  }

  /** How many messages a stream has. */
  async count(stream: string): Promise<number> {
    const answer = await this.#request(`$JS.API.STREAM.INFO.${stream}`, '')
    const { state }: { state?: { messages: number } } = JSON.parse(answer)
    return state?.messages ?? 0
  }

  /** All messages of a stream, in their order. */
  async messages(stream: string): Promise<readonly StoredMessage[]> {
    const count = await this.count(stream)
    const subject = `$JS.API.STREAM.MSG.GET.${stream}`
    const all = Array.from({ length: count }, async (_, index) => {
      const answer = await this.#request(subject, JSON.stringify({ seq: index + 1 }))
      const { message }: { message: { subject: string; data?: string } } = JSON.parse(answer)
      return {
        subject: message.subject,
        text: Buffer.from(message.data ?? '', 'base64').toString(),
      }
    })
    return Promise.all(all)
  }

  async #connect(): Promise<boolean> {
    const socket = connect(this.port, '127.0.0.1').setEncoding('utf8')
    try {
      await once(socket, 'connect')
    } catch {
      return false
    }
    let received = ''
    socket.on('data', (text) => {
      received = this.#read(received + String(text))
    })
    socket.on('error', () => {})
    socket.write('CONNECT {"verbose":false}\r\nSUB answers.* 1\r\n')
    this.#socket = socket
    return true
  }

  async #request(subject: string, text: string, answeredAs?: string): Promise<string> {
    this.#requests += 1
    const inbox = `answers.${this.#requests}`
    const bytes = Buffer.byteLength(text)
    this.#socket?.write(`PUB ${subject} ${inbox} ${bytes}\r\n${text}\r\n`)
    const key = answeredAs ?? inbox
    await waitUntil(
      () => this.#answers.has(key),
      () => `no answer of nats-server to ${subject}`,
    )
    const answer = this.#answers.get(key) ?? ''
    this.#answers.delete(key)
    return answer
  }

  /** Takes whole messages, whose texts are ASCII, and returns the rest. */
  #read(received: string): string {
    let rest = received
    for (;;) {
      const end = rest.indexOf('\r\n')
      if (end < 0) return rest
      const [kind, inbox = '', , ...more] = rest.slice(0, end).split(/ +/)
      const start = end + 2
      const bytes = kind === 'MSG' ? Number(more.at(-1)) : -2
      if (rest.length < start + bytes + 2) return rest
      if (kind === 'MSG') this.#answers.set(inbox, rest.slice(start, start + bytes))
      if (kind === 'PING') this.#socket?.write('PONG\r\n')
      rest = rest.slice(start + bytes + 2)
    }
  }
}
