// Closes each connection to 127 ports, and prints every second after the first how many there were.

import { createServer } from 'node:net'

let count = 0
let listening = 0
for (let port = 20_000; port < 20_127; port += 1) {
  createServer((socket) => {
    count += 1
    if (count === 1) setInterval(() => console.log(`counted ${count}`), 1_000)
    socket.destroy()
  }).listen(port, '0.0.0.0', () => {
    listening += 1
    if (listening === 127) console.log('listening')
  })
}
