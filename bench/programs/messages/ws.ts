/**
 * ws and nothing else: one connection between each publisher and each other worker. A publisher
 * encodes a message once, and sends the same bytes on all of them.
 */

import { once } from 'node:events'
import { WebSocket, WebSocketServer } from 'ws'
import type { Open } from '../../messages/transport.ts'

export const open: Open = async ({ index, ports, publishers, isJoined }, deliver) => {
  const isPartner = (other: number): boolean =>
    other !== index && (publishers.includes(index) || publishers.includes(other))
  const sockets = new Set<WebSocket>()
  let onConnected: () => void = () => {}
  const connected = (socket: WebSocket): void => {
    sockets.add(socket)
    socket.on('message', (data) => {
      const message: unknown = JSON.parse(String(data))
      if (typeof message === 'string') deliver(message)
      else if (Array.isArray(message)) for (const body of message) deliver(body)
    })
    onConnected()
  }
  const send = (text: string): void => {
    const bytes = Buffer.from(text)
    for (const socket of sockets) socket.send(bytes, { binary: false })
  }
  let turn: string[] = []
  const endTurn = (): void => {
    const bodies = turn
    turn = []
    send(`[${bodies.join(',')}]`)
  }
  const server = new WebSocketServer({ port: ports[index] ?? 0, perMessageDeflate: false })
  server.on('connection', connected)
  await once(server, 'listening')
  let hasDialed = false
  return {
    async connect(indices) {
      // As Fullmesh does when workers start one after the other: the later one dials.
      for (const [other, port] of ports.entries()) {
        if (hasDialed || other >= index || !isPartner(other)) continue
        const socket = new WebSocket(`ws://127.0.0.1:${port}`, { perMessageDeflate: false })
        socket.on('open', () => connected(socket))
      }
      hasDialed = true
      const count = indices.filter(isPartner).length
      while (sockets.size < count) {
        await new Promise<void>((resolve) => {
          onConnected = resolve
        })
      }
    },
    publish(body) {
      const text = JSON.stringify(body)
      if (!isJoined) return send(text)
      if (turn.length === 0) setImmediate(endTurn)
      turn.push(text)
    },
  }
}
