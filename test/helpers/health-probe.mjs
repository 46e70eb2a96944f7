/** Asks a URL four times a second, and prints what came and after how many ms. */

import http from 'node:http'

const [url = ''] = process.argv.slice(2)
const PAUSE_MS = 250

function ask() {
  const startMs = performance.now()
  const end = (result) => {
    console.log(`health ${result} ${Math.round(performance.now() - startMs)}`)
    setTimeout(ask, PAUSE_MS)
  }
  const request = http.get(url, { agent: false }, (response) => {
    response.resume().once('close', () => end(response.statusCode))
  })
  request.once('error', (error) => end(error.code))
}

ask()
