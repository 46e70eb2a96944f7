/** "Two laptops" of docs/DEPLOY.md, word for word, on hosts of a network of its own. */

import { execFileSync, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { LAN_PORT } from '../../src/discovery/limits.ts'
import { blocksIn, section } from '../docs/markdown.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { BUNDLE, cleanEnvironment, Run } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const [SET_UP = '', ADD_PEER = ''] = blocksIn(section('docs/DEPLOY.md', 'Two laptops'), 'sh')
const MAKE_SECRET = 'node index.js secret --write'
const EXAMPLE = 'wss://192.168.1.17:4001'

/** A host with a home, and with `node-1` in the folder where its terminals begin. */
class Laptop {
  readonly #t: ExecutionContext
  readonly #host: Host
  readonly #home: string

  constructor(t: ExecutionContext, host: Host) {
    this.#t = t
    this.#host = host
    const knownPeers = readFileSync(join(REPOSITORY, 'node-1/known-peers.json'))
    const node = { 'node-1/index.js': BUNDLE, 'node-1/known-peers.json': knownPeers }
    this.#home = temporaryFolder(t, node)
  }

  get address(): string {
    return `wss://${this.#host.ip}:4001`
  }

  get secretFile(): string {
    return join(this.#home, 'mesh/secret')
  }

  /** Commands in a terminal, from the home on. */
  terminal(commands: string): Run {
    const [program, ...words] = this.#host.runtime.slice(0, -1)
    const env = cleanEnvironment()
    const path = `${dirname(process.execPath)}:${env['PATH']}`
    const child = spawn(program ?? '', [...words, 'sh', '-ec', commands], {
      cwd: this.#home,
      detached: true,
      env: { ...env, HOME: this.#home, PATH: path },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const run = new Run(child)
    this.#t.teardown(async () => {
      // The shell and what it runs.
      if (!run.isOver && child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      await run.exit
    })
    return run
  }

  async command(words: string): Promise<string> {
    const { stdout, stderr } = await this.terminal(`cd ~/mesh && ${words}`).exit
    return `${stdout}${stderr}`
  }

  /** Packets of the LAN neither come nor go. */
  dropMulticast(): void {
    const rule = `priority 0; udp dport ${LAN_PORT} drop;`
    const chains = ['input', 'output'].map(
      (hook) => `chain ${hook} { type filter hook ${hook} ${rule} }\n`,
    )
    const [program, ...words] = this.#host.runtime.slice(0, -1)
    execFileSync(program ?? '', [...words, '/usr/sbin/nft', '-f', '-'], {
      input: `table inet guests {\n${chains.join('')}}\n`,
    })
  }
}

function printed(run: Run, text: string): Promise<void> {
  return waitUntil(
    () => run.stdout.includes(text),
    () => `${text}, got ${run.stdout}${run.stderr}`,
  )
}

test('two laptops - find each other, or by an address, and encrypt', async (t) => {
  const laptops = Lan.create(t, 3).hosts.map((host) => new Laptop(t, host))
  const [first, second, guest] = laptops
  if (first === undefined || second === undefined || guest === undefined) return t.fail()
  t.true(SET_UP.includes(`\n${MAKE_SECRET}\n`))
  t.true(ADD_PEER.includes(EXAMPLE))
  guest.dropMulticast()
  const one = first.terminal(SET_UP)
  await t.notThrowsAsync(printed(one, `listening on ${first.address}`))
  const copySecret = SET_UP.replace(MAKE_SECRET, `cp ${first.secretFile} .`)
  const two = second.terminal(copySecret)
  const three = guest.terminal(copySecret)
  await t.notThrowsAsync(printed(one, `connected to ${second.address}`))
  await t.notThrowsAsync(printed(two, `connected to ${first.address}`))
  await t.notThrowsAsync(printed(three, `listening on ${guest.address}`))
  t.false(three.stdout.includes('connected to'))
  const added = await guest.command(ADD_PEER.replace(EXAMPLE, first.address))
  t.regex(added, /^added wss:\S+ to known-peers\.json; the running node dials it\n$/)
  await t.notThrowsAsync(printed(three, `connected to ${second.address}`))
  for (const laptop of laptops) {
    const status = await laptop.command('node index.js status')
    t.regex(status, /^all 3 nodes connected$/m)
    t.regex(status, /^encrypted: 2 of 2 connections/m)
  }
})
