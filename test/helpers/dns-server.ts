/** Debian's dnsmasq on a host of a test's network, and nodes that ask it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
import { endChild } from './end-child.ts'
import type { Host } from './lan.ts'
import type { Runtime } from './node-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** All that the server has. Any other name does not exist. */
export interface Zone {
  /** The IPs of each name. */
  readonly names?: Readonly<Record<string, readonly string[]>>
  /** The targets of each name of SRV records, as `host,port`. */
  readonly services?: Readonly<Record<string, readonly string[]>>
}

export class DnsServer {
  readonly #host: Host
  readonly #folder: string
  #process: ChildProcess | undefined
  /** The SRV records that the process was started with. */
  #records = ''

  private constructor(host: Host, folder: string) {
    this.#host = host
    this.#folder = folder
  }

  static async start(t: ExecutionContext, host: Host, zone: Zone): Promise<DnsServer> {
    // A question takes 2 s when nobody answers.
    const resolver = `nameserver ${host.ip}\noptions timeout:2 attempts:1\n`
    const folder = temporaryFolder(t, { 'resolv.conf': resolver, hosts: '127.0.0.1 localhost\n' })
    const server = new DnsServer(host, folder)
    t.teardown(() => server.#stop())
    await server.serve(zone)
    return server
  }

  /** From now on it has this zone. Only other SRV records take another process. */
  async serve({ names = {}, services = {} }: Zone): Promise<void> {
    const lines = Object.entries(names).flatMap(([name, ips]) => ips.map((ip) => `${ip} ${name}`))
    writeFileSync(this.#zoneFile, `${lines.join('\n')}\n`)
    const records = Object.entries(services).flatMap(([name, targets]) =>
      targets.map((target) => `--srv-host=${name},${target}`),
    )
    if (this.#process !== undefined && records.join() === this.#records) {
      this.#process.kill('SIGHUP')
    } else {
      await this.#stop()
      this.#records = records.join()
      this.#process = this.#spawn(records)
    }
    await hasRead(this.#process)
  }

  #spawn(records: readonly string[]): ChildProcess {
    const { ip, runtime } = this.#host
    const [program, ...words] = runtime.slice(0, -1)
    const mine = [
      `--listen-address=${ip}`,
      '--bind-interfaces',
      '--local=/test/',
      '--local=/local/',
      ...records,
    ]
    const nothingElse = ['--conf-file=/dev/null', '--no-hosts', '--no-resolv', '--pid-file=']
    const zone = `--addn-hosts=${this.#zoneFile}`
    const options = ['--no-daemon', '--user=root', ...nothingElse, ...mine, zone]
    return spawn(program ?? '', [...words, '/usr/sbin/dnsmasq', ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
  }

  get #zoneFile(): string {
    return join(this.#folder, 'zone')
  }

  /** It answers no question until it resumes. */
  pause(): void {
    this.#process?.kill('SIGSTOP')
  }

  resume(): void {
    this.#process?.kill('SIGCONT')
  }

  /** Runs a node on a host whose names this server has. */
  runtimeOn({ runtime }: Host): Runtime {
    const mounts = ['hosts', 'resolv.conf']
      .map((file) => `mount --bind ${join(this.#folder, file)} /etc/${file}`)
      .join(' && ')
    // `ip netns exec` has given it mounts of its own.
    const [program = '', ...words] = runtime.slice(0, -1)
    return [program, ...words, 'sh', '-c', `${mounts} && exec "$@"`, 'sh', process.execPath]
  }

  async #stop(): Promise<void> {
    if (this.#process !== undefined) await endChild(this.#process)
  }
}

/** Waits until the server has read its files. */
function hasRead(server: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    const onExit = (): void => reject(new Error(`dnsmasq ended: ${said}`))
    const onData = (chunk: unknown): void => {
      said += String(chunk)
      if (!/read .*zone/.test(said)) return
      server.off('exit', onExit)
      server.stderr?.off('data', onData)
      resolve()
    }
    server.on('exit', onExit)
    server.stderr?.on('data', onData)
  })
}
