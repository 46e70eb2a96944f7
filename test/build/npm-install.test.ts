/** build/npm-install.ts: packages on demand. npm installs archives of the test, no registry. */

import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { ToolError } from '../../build/command-line.ts'
import {
  install,
  type LockedProject,
  NPM_CERTIFICATES,
  readProject,
} from '../../build/npm-install.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const PACKAGE = 'node_modules/name'

/** A project with one package, for another system than any, and an empty cache. */
function fixture(
  t: ExecutionContext,
  integrity?: string,
): { project: LockedProject; cache: string } {
  const folder = temporaryFolder(t, {
    'package/package.json': '{ "name": "name", "version": "1.2.3", "os": ["none"] }',
    'package/file': 'what is in the package',
  })
  const archive = join(folder, 'archive.tgz')
  execFileSync('tar', ['-czf', archive, '-C', folder, 'package'])
  const digest = createHash('sha512').update(readFileSync(archive)).digest('base64')
  const dependencies = { name: `file:${archive}` }
  const pinned = {
    version: '1.2.3',
    resolved: `file:${archive}`,
    integrity: integrity ?? `sha512-${digest}`,
    os: ['none'],
  }
  return {
    project: {
      manifest: JSON.stringify({ dependencies }),
      lock: JSON.stringify({
        lockfileVersion: 3,
        packages: { '': { dependencies }, [PACKAGE]: pinned },
      }),
    },
    cache: join(folder, 'cache'),
  }
}

/** Puts another npm first in PATH, until the test ends. */
function replaceNpm(t: ExecutionContext, script: string | undefined): void {
  const bin = temporaryFolder(t)
  if (script !== undefined) {
    writeFileSync(join(bin, 'npm'), script)
    chmodSync(join(bin, 'npm'), 0o755)
  }
  const { PATH } = process.env
  process.env['PATH'] = script === undefined ? bin : `${bin}${delimiter}${PATH}`
  t.teardown(() => {
    process.env['PATH'] = PATH
  })
}

test.serial('npm install - installs once and keeps it', async (t) => {
  const { project, cache } = fixture(t)
  const folder = await install(project, cache)
  t.is(readFileSync(join(folder, PACKAGE, 'file'), 'utf8'), 'what is in the package')
  replaceNpm(t, '#!/bin/sh\nexit 7\n')
  t.is(await install(project, cache), folder)
  t.is(readdirSync(cache).length, 1)
})

test.serial(
  'npm install - refuses a package with another checksum, and keeps nothing',
  async (t) => {
    const { project, cache } = fixture(t, `sha512-${'A'.repeat(86)}==`)
    const error = await t.throwsAsync(install(project, cache), { instanceOf: ToolError })
    t.regex(error?.message ?? '', /^npm ci ended with exit code 1: .*EINTEGRITY/s)
    t.deepEqual(readdirSync(cache), [])
  },
)

test.serial('npm install - can install the same twice at the same time', async (t) => {
  const { project, cache } = fixture(t)
  const folders = await Promise.all([1, 2, 3].map(() => install(project, cache)))
  t.is(new Set(folders).size, 1)
  t.is(readdirSync(cache).length, 1)
})

test.serial('npm install - a failure of npm is an error with its stderr', async (t) => {
  const { project, cache } = fixture(t)
  replaceNpm(t, '#!/bin/sh\necho "no network" >&2\nexit 7\n')
  await t.throwsAsync(install(project, cache), {
    instanceOf: ToolError,
    message: 'npm ci ended with exit code 7: no network',
  })
  t.deepEqual(readdirSync(cache), [])
})

test.serial('npm install - npm alone gets the certificates that tests run without', async (t) => {
  const { project, cache } = fixture(t)
  replaceNpm(t, '#!/bin/sh\necho "$NODE_EXTRA_CA_CERTS" >&2\nexit 7\n')
  process.env[NPM_CERTIFICATES] = '/certificates.pem'
  t.teardown(() => delete process.env[NPM_CERTIFICATES])
  await t.throwsAsync(install(project, cache), {
    instanceOf: ToolError,
    message: 'npm ci ended with exit code 7: /certificates.pem',
  })
})

test.serial('npm install - without npm is an error in one line', async (t) => {
  const { project, cache } = fixture(t)
  replaceNpm(t, undefined)
  await t.throwsAsync(install(project, cache), {
    instanceOf: ToolError,
    message: 'npm ci cannot be started (spawn npm ENOENT)',
  })
  t.deepEqual(readdirSync(cache), [])
})

for (const name of ['pkg', 'runtimes']) {
  test(`npm install - all packages of build/${name} have a checksum, and no address`, (t) => {
    const { manifest, lock } = readProject(join(REPOSITORY, 'build', name))
    const { '': own, ...packages } = JSON.parse(lock).packages
    t.deepEqual(own.dependencies, JSON.parse(manifest).dependencies)
    for (const [path, pinned] of Object.entries<{ integrity?: string; resolved?: string }>(
      packages,
    )) {
      t.regex(pinned.integrity ?? '', /^sha512-[\w+/]{86}==$/, path)
      t.is(pinned.resolved, undefined, path)
    }
  })
}
