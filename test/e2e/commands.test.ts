/** The commands of the built file, as people and scripts call them. */

import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { freePort } from '../helpers/free-port.ts'
import { BUNDLE, cleanEnvironment, NodeProcess, Run } from '../helpers/node-process.ts'
import { aPeer, aStatus } from '../helpers/status-document.ts'
import { StatusServer } from '../helpers/status-server.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** A node's folder without settings, beside another node, its only known peer. */
async function emptyFolder(t: ExecutionContext): Promise<string> {
  const root = temporaryFolder(t, {
    'new/index.js': BUNDLE,
    'other/.env': `PORT=${await freePort(t)}\n`,
    'other/known-peers.json': '[]',
  })
  return join(root, 'new')
}

/** Runs a program on a terminal of its own: `script` of bsdutils, which every Debian has. */
function onTerminal(t: ExecutionContext, folder: string, words: string): Run {
  const command = `stty cols 80 rows 24; exec "${process.execPath}" "${folder}/index.js" ${words}`
  const child = spawn('script', ['-qec', command, '/dev/null'], {
    cwd: folder,
    env: { ...cleanEnvironment(), MESH: 'on-terminal', TERM: 'xterm' },
    stdio: 'pipe',
  })
  t.teardown(() => child.kill('SIGKILL'))
  return new Run(child)
}

function waitFor(run: Run, pattern: RegExp): Promise<void> {
  return waitUntil(
    () => pattern.test(run.stdout),
    () => `${pattern} in\n${run.stdout}${run.stderr}`,
  )
}

const CTRL_C = '\u0003'

test.serial(
  'commands - on a terminal a folder without .env becomes a node when the answer is yes',
  async (t) => {
    const folder = await emptyFolder(t)
    const run = onTerminal(t, folder, '')
    await waitFor(
      run,
      /no \.env in .*; create one with PORT=\d+ and known-peers\.json\? \[Y\/n\] $/,
    )
    t.false(existsSync(join(folder, '.env')))
    run.child.stdin?.write('\r')
    await waitFor(run, /created .*known-peers\.json[\s\S]*listening on ws:\/\/localhost:\d+/)
    run.child.stdin?.write(CTRL_C)
    t.is((await run.ends()).code, 0)
    t.regex(readFileSync(join(folder, '.env'), 'utf8'), /^PORT=\d+\n$/)
  },
)

test.serial(
  'commands - on a terminal a folder without .env stays as it is when the answer is no',
  async (t) => {
    const folder = await emptyFolder(t)
    const run = onTerminal(t, folder, '')
    await waitFor(run, /\[Y\/n\] $/)
    run.child.stdin?.write('n\r')
    const { code, stdout } = await run.ends()
    t.is(code, 2)
    t.regex(stdout, /\.env is missing; create it with the command init, /)
    t.false(existsSync(join(folder, '.env')))
  },
)

test.serial('commands - init and --init create the files and run no node', async (t) => {
  const folder = await emptyFolder(t)
  const script = join(folder, 'index.js')
  const node = await NodeProcess.create(t)
  const { code, stdout, stderr } = await node.run({ script, args: ['init'] })
  t.is(code, 0, stderr)
  t.true(stdout.endsWith('\nnext: node index.js\n'), stdout)
  const dir = join(folder, 'a b')
  mkdirSync(dir)
  const elsewhere = await node.run({ script, args: ['init', '--dir', dir] })
  t.true(elsewhere.stdout.endsWith(`\nnext: node index.js --dir "${dir}"\n`), elsewhere.stdout)
  const again = await node.run({ script, args: ['--init'] })
  t.is(again.code, 0)
  t.is(again.stdout.split(' exists and stays as it is\n').length - 1, 2, again.stdout)
  t.is(stdout.split('\n').filter((line) => line.startsWith('created ')).length, 2)
  t.deepEqual(JSON.parse(readFileSync(join(folder, 'known-peers.json'), 'utf8')).length, 1)
})

test.serial(
  'commands - check tries the running nodes, which log nothing of it, and so does --verify',
  async (t) => {
    const peer = await NodeProcess.start(t)
    const node = await NodeProcess.create(t, { knownPeers: [peer.address] })
    const check = await node.run({ args: ['check'] })
    t.is(check.code, 0, check.stdout)
    t.regex(check.stdout, /^ok +ws:\S+ +same code$/m)
    const verify = await node.run({ args: ['--verify'] })
    t.is(verify.code, 0, verify.stdout)
    t.is(verify.stdout, check.stdout)
    const { stdout, stderr } = await peer.stop()
    t.is(stdout.split('\n').length, 5, stdout)
    t.is(stderr, '')
  },
)

test.serial(
  'commands - check ends with 1 for a peer that is not running, and with 2 for wrong files',
  async (t) => {
    const knownPeers = [`ws://localhost:${await freePort(t)}`]
    const node = await NodeProcess.create(t, { knownPeers })
    t.is((await node.run({ args: ['check'] })).code, 1)
    const wrong = await NodeProcess.create(t, { files: { 'known-peers.json': '{' } })
    t.is((await wrong.run({ args: ['check'] })).code, 2)
  },
)

test.serial(
  'commands - status ends with 0 when complete and with 1 when the node is not running',
  async (t) => {
    const server = await StatusServer.start(t, aStatus([aPeer(4002)]))
    const node = await NodeProcess.create(t, { port: server.port })
    const complete = await node.run({ args: ['status'] })
    t.is(complete.code, 0, complete.stderr)
    t.regex(complete.stdout, /^all 2 nodes connected$/m)
    server.stop()
    const gone = await node.run({ args: ['status'] })
    t.like(gone, { code: 1, stdout: '' })
    t.regex(gone.stderr, /^the node is not running: .*\n$/)
  },
)

test.serial(
  'commands - status --watch restores the terminal on Ctrl-C and ends with 0',
  async (t) => {
    const server = await StatusServer.start(t, aStatus([aPeer(4002)]))
    const node = await NodeProcess.create(t, { port: server.port })
    const run = onTerminal(t, node.folder, 'status --watch')
    await waitFor(run, /all 2 nodes connected/)
    run.child.stdin?.write(CTRL_C)
    const { code, stdout } = await run.ends()
    t.is(code, 0)
    const [, after = ''] = stdout.split('\u001b[?25h\u001b[?1049l')
    t.regex(after, /all 2 nodes connected/)
  },
)

test.serial('commands - for a wrong word, suggests the closest command', async (t) => {
  const node = await NodeProcess.create(t)
  const { code, stderr } = await node.run({ args: ['statsu'] })
  t.is(code, 2)
  t.is(stderr, "unknown command 'statsu'; did you mean status? see --help\n")
})
