/**
 * The user stories, and only they, as a good student would hand them in: one file on ws, the lists
 * that the stories name, and a connection of its own to every other node.
 *
 *     node plain.js [PORT]        in a folder with known-peers.json
 *
 * Without an argument, the port is the variable PORT of the environment.
 */

import { readFileSync } from 'node:fs'
import { WebSocket, WebSocketServer } from 'ws'

/** How often a known peer that was not there is looked for again. */
const RETRY_MS = 200

const port = Number(process.argv[2] ?? process.env['PORT'])
const ownAddress = `ws://localhost:${port}`
const knownPeers: string[] = JSON.parse(readFileSync('known-peers.json', 'utf8'))
const connectedAddresses: string[] = []
const attemptingToConnectToAddress: string[] = []

const server = new WebSocketServer({ port })

server.on('connection', (socket) => {
  socket.on('message', (text) => {
    const { type, data } = JSON.parse(String(text))
    if (type === 'HANDSHAKE') for (const address of data) connectTo(address)
  })
})

server.on('listening', () => {
  for (const address of knownPeers) connectTo(address)
})

setInterval(() => {
  for (const address of knownPeers) connectTo(address)
}, RETRY_MS)

function connectTo(address: string): void {
  if (address === ownAddress) return
  if (connectedAddresses.includes(address)) return
  if (attemptingToConnectToAddress.includes(address)) return
  attemptingToConnectToAddress.push(address)
  const socket = new WebSocket(address)
  socket.on('open', () => {
    remove(attemptingToConnectToAddress, address)
    connectedAddresses.push(address)
    const data = [ownAddress, ...connectedAddresses]
    socket.send(JSON.stringify({ type: 'HANDSHAKE', data }))
  })
  socket.on('error', () => remove(attemptingToConnectToAddress, address))
  socket.on('close', () => remove(connectedAddresses, address))
}

function remove(list: string[], item: string): void {
  const index = list.indexOf(item)
  if (index !== -1) list.splice(index, 1)
}

// A profile is written by a process that ends, not by one that is ended.
process.once('SIGTERM', () => process.exit())
