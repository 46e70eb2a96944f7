/** The examples, as processes, with lines that a person types. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { MeshNode } from '../../src/index.ts'
import { freePorts } from '../helpers/free-port.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FOLDER = join(REPOSITORY, 'examples')

/** An example that runs. */
class Program {
  readonly child: ChildProcess
  output = ''

  private constructor(child: ChildProcess) {
    this.child = child
  }

  static async start(t: ExecutionContext, file: string, ...words: string[]): Promise<Program> {
    const child = spawn(process.execPath, [join(FOLDER, file), ...words])
    const program = new Program(child)
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        program.output += text
      })
    }
    // When it has ended, what it printed says why, and not that it cannot be written to.
    child.stdin.on('error', () => {})
    t.teardown(() => child.kill('SIGKILL'))
    await program.shows('listening on')
    return program
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`)
  }

  async shows(text: string, times = 1): Promise<void> {
    await waitUntil(
      () => this.output.split(text).length > times,
      () => `no ${text} in\n${this.output}`,
    )
  }

  /** Gives the exit code, null when the signal ended it. */
  async kill(signal: NodeJS.Signals): Promise<unknown> {
    const exit = once(this.child, 'exit')
    this.child.kill(signal)
    const [code] = await exit
    return code
  }
}

test.before('the library is built', () => {
  execFileSync('npm', ['run', '--silent', 'build:library'], { cwd: REPOSITORY, stdio: 'ignore' })
})

test('examples - each has less than 60 lines, and the page of examples names it', (t) => {
  const page = readFileSync(join(FOLDER, 'README.md'), 'utf8')
  const files = readdirSync(FOLDER).filter((name) => name.endsWith('.mjs'))
  t.is(files.length, 7)
  for (const file of files) {
    const text = readFileSync(join(FOLDER, file), 'utf8')
    t.true(text.split('\n').length <= 60, file)
    t.true(text.includes(`npm run example examples/${file}`), file)
    t.true(page.includes(`(${file})`), file)
  }
})

/** Ports and addresses of three nodes. */
async function places(t: ExecutionContext) {
  const ports = await freePorts(t, 3)
  const [one = '', two = '', three = ''] = ports.map(String)
  return { one, two, three, first: `ws://localhost:${one}` }
}

/** A node of this process, with which an example is connected. */
async function startNode(t: ExecutionContext, port: string): Promise<MeshNode> {
  const node = new MeshNode({ port: Number(port) })
  t.teardown(() => node.stop())
  await node.start()
  return node
}

test('examples - Ctrl-C stops the node of each, which then ends the process', async (t) => {
  const words = {
    'chat.mjs': [],
    'presence.mjs': ['anna'],
    'cache.mjs': ['store.json'],
    'jobs.mjs': ['give'],
    'leader.mjs': ['1'],
    'config.mjs': ['write'],
    'transaction.mjs': [],
  }
  const ports = await freePorts(t, Object.keys(words).length)
  for (const [index, [file, before]] of Object.entries(words).entries()) {
    const program = await Program.start(t, file, ...before, String(ports[index]))
    if (file === 'leader.mjs') await program.shows('this node leads')
    t.is(await program.kill('SIGINT'), 0, file)
  }
})

test('examples - chat', async (t) => {
  const { one, two, first } = await places(t)
  const a = await Program.start(t, 'chat.mjs', one)
  const b = await Program.start(t, 'chat.mjs', two, first)
  await a.shows('joined')
  b.type('hello')
  await a.shows(`ws://localhost:${two}: hello`)
  b.child.stdin?.end()
  await a.shows('left')
  t.false(b.output.includes('hello'))
})

test('examples - presence', async (t) => {
  const { one, two, first } = await places(t)
  const a = await Program.start(t, 'presence.mjs', 'anna', one)
  const b = await Program.start(t, 'presence.mjs', 'bob', two, first)
  await a.shows('here: anna: nothing, bob: nothing')
  b.type('lunch')
  await a.shows('here: anna: nothing, bob: lunch')
  await b.kill('SIGKILL')
  await a.shows('here: anna: nothing\n')
  t.pass()
})

test('examples - cache', async (t) => {
  const { one, two, first } = await places(t)
  const file = join(temporaryFolder(t), 'store.json')
  const a = await Program.start(t, 'cache.mjs', file, one)
  const b = await Program.start(t, 'cache.mjs', file, two, first)
  a.type('set color red')
  await waitUntil(
    () => {
      b.type('get color')
      return b.output.includes('color is red, from the cache')
    },
    () => b.output,
  )
  a.type('set color blue')
  await waitUntil(
    () => {
      b.type('get color')
      return b.output.includes('color is blue, from the cache')
    },
    () => b.output,
  )
  // It may have written something and told nobody.
  const readings = (): number => b.output.split('is blue, from the store').length
  const before = readings()
  await a.kill('SIGKILL')
  await waitUntil(
    () => {
      b.type('get color')
      return readings() > before
    },
    () => b.output,
  )
  t.pass()
})

test('examples - jobs', async (t) => {
  const { one, two, three, first } = await places(t)
  const a = await Program.start(t, 'jobs.mjs', 'work', one)
  const b = await Program.start(t, 'jobs.mjs', 'work', two, first)
  const giver = await Program.start(t, 'jobs.mjs', 'give', three, first)
  for (let n = 0; n < 6; n += 1) giver.type(`sum ${n}`)
  for (let n = 0; n < 6; n += 1) await giver.shows(`SUM ${n}`)
  giver.type('')
  await giver.shows('failed: an empty job')
  giver.type('x'.repeat(200_000))
  await giver.shows('given up: ')
  await b.kill('SIGKILL')
  giver.type('last')
  giver.type('of all')
  giver.child.stdin?.end()
  await giver.shows('LAST')
  await giver.shows('OF ALL')
  await waitUntil(
    () => giver.child.exitCode === 0,
    () => `the end of\n${giver.output}`,
  )
  await a.shows('job ', 3)
  t.pass()
})

test('examples - leader', async (t) => {
  const { one, two, three, first } = await places(t)
  const a = await Program.start(t, 'leader.mjs', '3', one)
  const b = await Program.start(t, 'leader.mjs', '3', two, first)
  const c = await Program.start(t, 'leader.mjs', '3', three, first)
  const [lowest, next] = [one, two, three].map((port) => `ws://localhost:${port}`).sort()
  const programs = new Map(
    [one, two, three].map((port, n) => [`ws://localhost:${port}`, [a, b, c][n]]),
  )
  await programs.get(lowest ?? '')?.shows('this node leads')
  for (const [address, program] of programs)
    if (address !== lowest) await program?.shows(`${lowest} leads`)
  await programs.get(lowest ?? '')?.kill('SIGKILL')
  await programs.get(next ?? '')?.shows('this node leads')
  t.is(await programs.get(next ?? '')?.kill('SIGINT'), 0)
  const rest = [...programs].find(([address]) => address !== lowest && address !== next)
  await rest?.[1]?.shows('no leader: no majority')
})

test('examples - leader: who is connected to a majority that votes for another leads not', async (t) => {
  const { one, two, first } = await places(t)
  const voter = await startNode(t, two)
  voter.data = { vote: first }
  const program = await Program.start(t, 'leader.mjs', '3', one, voter.address)
  await program.shows('this node leads')
  // As if it was connected to a smaller address, to which the program is not.
  voter.data = { vote: 'ws://localhost:1' }
  await program.shows('no leader: no majority')
  t.pass()
})

test('examples - config', async (t) => {
  const { one, two, three, first } = await places(t)
  const writer = await Program.start(t, 'config.mjs', 'write', one)
  const a = await Program.start(t, 'config.mjs', first, two)
  await a.shows('the writer has no value yet')
  writer.type('red')
  await a.shows('value 1: red')
  writer.type('blue')
  await a.shows('value 2: blue')
  const late = await Program.start(t, 'config.mjs', first, three)
  await late.shows('value 2: blue')
  t.false(late.output.includes('red'))
})

test('examples - config: a value of an earlier run replaces no newer one', async (t) => {
  const { one, two, first } = await places(t)
  const writer = await startNode(t, one)
  writer.respond('config', () => ({ run: 2, version: 1, value: 'newer' }))
  const reader = await Program.start(t, 'config.mjs', first, two)
  await reader.shows('value 1: newer')
  writer.publish('config', { run: 1, version: 7, value: 'older' })
  writer.publish('config', { run: 2, version: 2, value: 'newest' })
  await reader.shows('value 2: newest')
  t.false(reader.output.includes('older'))
})

test('examples - transaction', async (t) => {
  const { one, two, three, first } = await places(t)
  const programs = [
    await Program.start(t, 'transaction.mjs', one),
    await Program.start(t, 'transaction.mjs', two, first),
    await Program.start(t, 'transaction.mjs', three, first),
  ]
  for (const program of programs) program.type('ten')
  for (const program of programs) await program.shows('TRANSACTION 3: ten')
  for (const program of programs) program.type('more')
  for (const program of programs) {
    await program.shows('TRANSACTION 6: more')
    t.false(program.output.includes('TRANSACTION 7'))
  }
})
