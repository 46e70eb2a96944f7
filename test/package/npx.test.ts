/** The program in the package, as npx runs it. */

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { call } from '../helpers/caller.ts'
import { freePort } from '../helpers/free-port.ts'
import { NodeProcess, type Run } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'
import { launchProgram } from '../tools/run-tool.ts'
import { packed } from './project.ts'

test.serial('npx - runs the node of the folder that it is called in', async (t) => {
  const port = await freePort(t)
  const folder = temporaryFolder(t, { '.env': `PORT=${port}\n`, 'known-peers.json': '[]' })
  const run = launchProgram(t, packed().program, [], { cwd: folder })
  await listening(run)
  const { headers } = await call(t, `ws://localhost:${port}`)
  const code = createHash('sha256').update(readFileSync(join(REPOSITORY, 'node-1/index.js')))
  t.is(headers['mesh-code'], code.digest('hex'))
  const peer = await NodeProcess.start(t, { knownPeers: [`ws://localhost:${port}`] })
  await peer.reported('peer-joined', { connected: 1 })
  run.child.kill('SIGTERM')
  t.like(await run.exit, { code: 0, stderr: '' })
})

test.serial('npx - runs the node of another folder when it is named', async (t) => {
  const port = await freePort(t)
  const folder = temporaryFolder(t, { 'node-7/.env': `PORT=${port}\n`, '.env': 'PORT=none\n' })
  for (const words of [['--dir', 'node-7'], ['--dir=node-7']]) {
    const run = launchProgram(t, packed().program, words, { cwd: folder })
    await listening(run)
    run.child.kill('SIGTERM')
    t.like(await run.exit, { code: 0 })
  }
})

test.serial('npx - names the file that is missing in the folder', async (t) => {
  const folder = temporaryFolder(t)
  const { code, stderr } = await launchProgram(t, packed().program, [], { cwd: folder }).exit
  t.is(code, 2)
  t.true(stderr.startsWith(join(folder, '.env')), stderr)
})

test.serial('npx - finds the program, which prints the version of the package', async (t) => {
  const words = ['--offline', '--no', '--', 'fullmesh', '--version']
  const { version } = JSON.parse(readFileSync(join(packed().folder, 'package.json'), 'utf8'))
  const { code, stdout } = await launchProgram(t, 'npx', words, { cwd: packed().project }).exit
  t.is(code, 0)
  t.regex(stdout, new RegExp(`^fullmesh ${version}\\b`))
})

async function listening(run: Run): Promise<void> {
  await waitUntil(
    () => run.isOver || / listening on \S+\n/.test(run.stdout),
    () => `listening\n${run.stdout}${run.stderr}`,
  )
}
