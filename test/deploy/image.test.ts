/** deploy/Dockerfile: built by buildah on a base of this machine's own files, and run. */

import { execFileSync, spawn } from 'node:child_process'
import { cpSync, linkSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { binaryName, hostPlatform } from '../../build/node-releases.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { binaryFor, MAKING_MS_MAX } from '../helpers/binaries.ts'
import { freePort } from '../helpers/free-port.ts'
import { Run } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { waitUntil } from '../helpers/wait-until.ts'

/** What the Dockerfile runs while it builds; a real base has these, too. */
const BASE_PROGRAMS = [
  '/bin/sh',
  '/bin/bash',
  '/usr/bin/ldd',
  '/bin/grep',
  '/usr/bin/xargs',
  '/bin/cp',
]

const PLATFORM = hostPlatform()

/** buildah with a storage of its own, gone after the test. */
function buildahIn(folder: string): readonly [string, ...string[]] {
  const storage = ['--root', join(folder, 'root'), '--runroot', join(folder, 'run')]
  return ['buildah', ...storage, '--storage-driver', 'vfs']
}

function run([program = '', ...words]: readonly string[]): string {
  return execFileSync(program, words, { encoding: 'utf8', stdio: 'pipe' }).trim()
}

/** The image, of a base that has the C libraries of this machine as Debian's has its own. */
async function buildImage(t: ExecutionContext) {
  const folder = temporaryFolder(t)
  const buildah = buildahIn(folder)
  t.teardown(() => run([...buildah, 'rm', '--all']))
  const binary = await binaryFor(PLATFORM)
  const [base, context] = [join(folder, 'base'), join(folder, 'context')]
  mkdirSync(base)
  for (const program of [...BASE_PROGRAMS, binary]) {
    const libraries = librariesOf(program)
    const files = program === binary ? libraries : [program, ...libraries]
    run(['cp', '-L', '--parents', '-t', base, ...files])
  }
  const empty = run([...buildah, 'from', 'scratch'])
  run([...buildah, 'copy', empty, base, '/'])
  run([...buildah, 'commit', empty, 'localhost/base'])
  mkdirSync(join(context, 'dist'), { recursive: true })
  linkOrCopy(binary, join(context, `dist/${binaryName(PLATFORM)}`))
  const words = [
    '--build-arg',
    'BASE=localhost/base',
    '--isolation',
    'chroot',
    '--format',
    'docker',
  ]
  const more = ['--build-arg', `BINARY=dist/${binaryName(PLATFORM)}`]
  const file = ['-f', join(REPOSITORY, 'deploy/Dockerfile'), '-t', 'fullmesh', context]
  run([...buildah, 'build', ...words, ...more, ...file])
  return { buildah, container: run([...buildah, 'from', 'fullmesh']) }
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch {
    cpSync(from, to)
  }
}

/** The users whose sockets listen on a port, each once. */
function ownersOf(port: number): readonly string[] {
  const end = port.toString(16).toUpperCase().padStart(4, '0')
  const rows = readFileSync('/proc/net/tcp', 'utf8')
    .split('\n')
    .map((row) => row.trim().split(/\s+/))
  const LISTENS = '0A'
  const found = rows.filter(([, local, , state]) => local?.endsWith(`:${end}`) && state === LISTENS)
  return [...new Set(found.map((row) => row[7] ?? ''))]
}

function librariesOf(program: string): readonly string[] {
  // A script has none, and ldd says so with its exit code.
  const text = run(['sh', '-c', 'ldd "$0" 2>&1 || true', program])
  return text.match(/\/[^ ):]+(?= \(0x)/g) ?? []
}

test('image - has the binary and its libraries only, runs as nobody, and checks itself', async (t) => {
  t.timeout(MAKING_MS_MAX)
  const { buildah, container } = await buildImage(t)
  const root = run([...buildah, 'mount', container])
  const files = readdirSync(root, { recursive: true, withFileTypes: true })
  const names = files.filter((file) => !file.isDirectory()).map(({ name }) => name)
  t.true(names.includes('fullmesh') && names.includes('libstdc++.so.6'))
  for (const name of names) t.regex(name, /^fullmesh$|^ld-linux-.*\.so\.\d$|^lib[a-z_+]+\.so\.\d$/)
  const image = JSON.parse(run([...buildah, 'inspect', '--type', 'image', 'fullmesh']))
  const { Entrypoint: entrypoint, Healthcheck: check, User: user } = image.Docker.config
  t.is(user, '65532:65532')
  t.is(check.Test[0], 'CMD')
  const inside = (env: readonly string[], ...command: readonly string[]) => {
    const words = ['run', '--isolation', 'chroot', ...env.flatMap((each) => ['--env', each])]
    const [program, ...rest] = [...buildah, ...words, container, '--', ...command]
    const child = spawn(program ?? '', rest, { stdio: ['ignore', 'pipe', 'pipe'] })
    t.teardown(() => child.kill('SIGKILL'))
    return new Run(child)
  }
  // In chroot isolation the ports are those of this machine.
  const portNumber = await freePort(t)
  const port = `PORT=${portNumber}`
  const health = check.Test.slice(1)
  const before = await inside([port], ...health).ends()
  t.not(before.code, 0)
  t.regex(before.stdout, /^not listening after 4 s: nothing listens on /)
  const node = inside([port], ...entrypoint)
  await waitUntil(
    () => node.events.some(({ kind }) => kind === 'listening'),
    () => `listening, got ${node.stdout}${node.stderr}`,
  )
  const healthy = await inside([port], ...health).ends()
  t.like(healthy, { code: 0, stderr: '' })
  t.deepEqual(ownersOf(portNumber), ['65532'])
  const shell = await inside([], '/bin/sh').ends()
  t.not(shell.code, 0, 'there is no shell')
  node.child.kill('SIGTERM')
  await node.ends()
})
