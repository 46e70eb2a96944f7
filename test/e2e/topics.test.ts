/** Topics from a terminal: curl and the commands of the built file, from one node to another. */

import { spawn } from 'node:child_process'
import test from 'ava'
import { EventReader } from '../helpers/event-reader.ts'
import { ask } from '../helpers/http-handler.ts'
import { cleanEnvironment, NODE, NodeProcess, Run } from '../helpers/node-process.ts'
import type { Teardown } from '../helpers/teardown.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A command of a node, with its standard input. */
function command(t: Teardown, node: NodeProcess, ...words: readonly string[]): Run {
  const [program = '', ...args] = [...NODE, node.script, ...words]
  const child = spawn(program, args, { cwd: node.folder, env: cleanEnvironment(), stdio: 'pipe' })
  t.teardown(() => child.kill('SIGKILL'))
  return new Run(child)
}

function prints(run: Run, text: string): Promise<void> {
  return waitUntil(
    () => run.stdout.includes(text),
    () => `${text} in\n${run.stdout}${run.stderr}`,
  )
}

test.serial('topics - what is posted to one node arrives at a follower of another', async (t) => {
  const a = await NodeProcess.start(t)
  const b = await NodeProcess.start(t, { knownPeers: [a.address] })
  await b.reported('peer-joined')
  const reader = await EventReader.open(t, b.port, '/topics/news')
  // As curl -d sends it.
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const reply = await ask(a.port, '/topics/news', { method: 'POST', body: 'hello', headers })
  t.is(reply.status, 201)
  const { feed, seq } = JSON.parse(reply.text)
  await waitUntil(
    () => reader.events.length === 1,
    () => `an event\n${a.output}${b.output}`,
  )
  const message = JSON.parse(reader.events[0]?.data ?? '')
  t.like(message, { topic: 'news', body: 'hello', from: a.address, feed, seq, relayed: false })
  // A stop ends the stream.
  await b.stop()
  await waitUntil(
    () => reader.isClosed,
    () => 'the end of the stream',
  )
})

test.serial('topics - publish and subscribe use the node of their folder', async (t) => {
  const a = await NodeProcess.start(t)
  const b = await NodeProcess.start(t, { knownPeers: [a.address] })
  await b.reported('peer-joined')
  const shown = command(t, b, 'subscribe', 'chat.>')
  const lines = command(t, a, 'publish', 'chat.lines')
  await waitUntil(
    async () => {
      await command(t, a, 'publish', 'chat.first', 'are you there?').ends()
      return shown.stdout !== ''
    },
    () => `a first message\n${shown.stderr}`,
  )
  lines.child.stdin?.write('one\ntwo\n')
  await prints(shown, '"two"')
  await b.stop('SIGKILL')
  await waitUntil(
    () => /waiting until it is back/.test(shown.stderr),
    () => shown.stderr,
  )
  await b.start()
  await b.reported('peer-joined')
  await waitUntil(
    () => /^the node was restarted: /m.test(shown.stderr),
    () => shown.stderr,
  )
  lines.child.stdin?.end('three')
  t.like(await lines.ends(), { code: 0, stdout: '', stderr: '' })
  await prints(shown, '"three"')
  shown.child.kill('SIGINT')
  const { code, stdout } = await shown.ends()
  t.is(code, 0)
  const bodies = stdout
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line).body)
  const expected = ['one', 'two', 'three']
  // What was published just before a restart may come again.
  t.deepEqual(
    [...new Set(bodies)].filter((body) => body !== 'are you there?'),
    expected,
  )
})

test.serial('topics - the commands end with their exit codes, in one line', async (t) => {
  const node = await NodeProcess.create(t)
  for (const [code, ...args] of [
    [1, 'publish', 'a', 'x'],
    [1, 'subscribe'],
    [2, 'publish', 'a..b', 'x'],
    [2, 'publish'],
  ] as const) {
    const end = await node.run({ args })
    t.like(end, { code, stdout: '' }, args.join(' '))
    t.is(end.stderr.trimEnd().split('\n').length, 1)
  }
  await node.start()
  t.like(await command(t, node, 'publish', 'a', 'x').ends(), { code: 0, stdout: '', stderr: '' })
  t.is((await command(t, node, 'subscribe', 'a.>.b').ends()).code, 2)
  // A reader that ends ends it.
  const shown = command(t, node, 'subscribe', '--history')
  await prints(shown, '"x"')
  shown.child.stdout?.destroy()
  await command(t, node, 'publish', 'a', 'y').ends()
  await command(t, node, 'publish', 'a', 'z').ends()
  t.like(await shown.ends(), { code: 0, stderr: '' })
})
