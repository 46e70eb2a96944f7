/** The own machine under an IP of a network, and who else may ask, in network namespaces. */

import { execFile } from 'node:child_process'
import test from 'ava'
import { type Host, Lan } from '../helpers/lan.ts'
import { type Exit, NodeProcess } from '../helpers/node-process.ts'

const PORT = 4001

/** Prints the status of a response, and its text. */
const FETCH = 'fetch(process.argv[1]).then(async (a) => console.log(a.status, await a.text()))'

/** Runs Node on a host. */
function runOn({ runtime }: Host, ...words: readonly string[]): Promise<Omit<Exit, 'code'>> {
  const [program = '', ...first] = runtime
  return new Promise((resolve, reject) => {
    execFile(program, [...first, ...words], (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') reject(error)
      else resolve({ stdout, stderr })
    })
  })
}

test.serial('own machine - may ask under an IP of its own, another machine not', async (t) => {
  const lan = Lan.create(t, 2)
  const [host, other] = lan.hosts
  if (host === undefined || other === undefined) return t.fail()
  const settings = { LISTEN: host.ip }
  const node = await NodeProcess.start(t, { port: PORT, runtime: host.runtime, settings })
  await node.reported('page', { url: `http://${host.ip}:${PORT}/` })

  const url = node.eventsOf('page')[0]?.url ?? ''
  t.regex((await runOn(host, '-e', FETCH, url)).stdout, /^200 <!doctype html>/i)
  const { stdout, stderr } = await runOn(host, node.script, 'status')
  t.is(stderr, '')
  t.regex(stdout, /no other node connected/)

  t.regex((await runOn(other, '-e', FETCH, url)).stdout, /^403 not allowed from 10\.77\.0\.2; /)
  await node.reported('request-refused')
  const [refused] = node.eventsOf('request-refused')
  t.is(refused?.reason, 'not allowed from 10.77.0.2; set HTTP_ALLOW=10.77.0.2 on the node')
})
