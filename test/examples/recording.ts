/** The recording of README.md, a part of `npm run pictures`: three terminals with a chat. */

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runTool } from '../../build/command-line.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { recordingSvg } from './recording-svg.ts'
import { Shell } from './shell.ts'

const PATH = 'docs/pictures/terminal.svg'

const TITLE =
  'Three nodes of a chat start; what is typed in one comes to all; one is killed, and starts again'

/** Time to read what has changed, in ms. */
const READ_MS = 1_000

await runTool({
  name: 'recording',
  help: `test/examples/recording.ts   makes ${PATH}`,
  run: record,
})

async function record(): Promise<number> {
  execFileSync('npm', ['run', '--silent', 'build:library'], { cwd: REPOSITORY })
  const folder = mkdtempSync(join(tmpdir(), 'fullmesh-recording-'))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(REPOSITORY, join(folder, 'node_modules/fullmesh'))
  copyFileSync(join(REPOSITORY, 'examples/chat.mjs'), join(folder, 'chat.mjs'))
  const { PATH: programs } = process.env
  const newShell = () => new Shell(folder, { PATH: programs })
  const shells = [newShell(), newShell(), newShell()] as const
  try {
    await play(shells)
    writeFileSync(
      join(REPOSITORY, PATH),
      recordingSvg(
        shells.map(({ chunks }) => chunks),
        TITLE,
      ),
    )
    console.log(`made ${PATH}`)
  } finally {
    await Promise.all(shells.map((shell) => shell.close()))
    rmSync(folder, { recursive: true })
  }
  return 0
}

async function play([one, two, three]: readonly [Shell, Shell, Shell]): Promise<void> {
  for (const shell of [one, two, three]) await shell.shows('$ ')
  await one.type('node chat.mjs 4101')
  await one.shows('listening')
  await two.type('node chat.mjs 4102 ws://localhost:4101')
  await one.shows('4102 joined')
  await three.type('node chat.mjs 4103 ws://localhost:4101')
  for (const shell of [one, two]) await shell.shows('4103 joined')
  await three.shows('joined', 2)
  await delay(READ_MS)
  await say('hello, all', one, [two, three])
  await say('hello from the third', three, [one, two])

  three.kill()
  for (const shell of [one, two]) await shell.shows('4103 left')
  await three.shows('Killed')
  await delay(READ_MS)
  await say('who is still here?', two, [one])

  await three.type('node chat.mjs 4103 ws://localhost:4101')
  for (const shell of [one, two]) await shell.shows('4103 joined', 2)
  await three.shows('joined', 4)
  await delay(READ_MS)
  await say('back again', three, [one, two])
}

async function say(line: string, speaker: Shell, others: readonly Shell[]): Promise<void> {
  await speaker.type(line)
  for (const shell of others) await shell.shows(`: ${line}`)
  await delay(READ_MS)
}
