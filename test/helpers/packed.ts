/** The package as users get it: packed in a copy of the repository, and installed from that. */

import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { REPOSITORY } from '../../build/repository.ts'

/** Of the repository, what packing has nothing to do with; hidden files, and clones of node-1. */
const LEFT_OUT = /^(?:\..*|dist|node_modules|node-(?!1$).*|test)$/

/** The package, packed and installed. */
export class Packed {
  /** The archive that would be published. */
  readonly archive: string
  /** A folder with the package in its node_modules. */
  readonly project: string
  readonly #root: string

  /** Packs and installs, which takes some seconds. */
  constructor() {
    this.#root = mkdtempSync(join(tmpdir(), 'fullmesh-package-'))
    const clone = join(this.#root, 'clone')
    mkdirSync(clone)
    for (const path of readdirSync(REPOSITORY)) {
      if (LEFT_OUT.test(path)) continue
      cpSync(join(REPOSITORY, path), join(clone, path), { recursive: true })
    }
    symlinkSync(join(REPOSITORY, 'node_modules'), join(clone, 'node_modules'))
    npm(clone, 'pack', '--pack-destination', this.#root)
    const name = readdirSync(this.#root).find((file) => file.endsWith('.tgz'))
    if (name === undefined) throw new Error('npm pack made no archive')
    this.archive = join(this.#root, name)
    this.project = join(this.#root, 'project')
    mkdirSync(this.project)
    npm(this.project, 'install', this.archive)
  }

  /** The folder of the installed package. */
  get folder(): string {
    return join(this.project, 'node_modules/fullmesh')
  }

  /** What `npx fullmesh` runs in the project. */
  get program(): string {
    return join(this.project, 'node_modules/.bin/fullmesh')
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true })
  }
}

/** npm without the registry: what users install has no dependencies. */
function npm(cwd: string, ...words: readonly string[]): void {
  const options = ['--offline', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', [...words, ...options], { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}
