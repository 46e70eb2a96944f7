/** Debian's dnsmasq on a host of a test's network, and nodes that ask it. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ExecutionContext } from 'ava'
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

  /** From now on it has this zone. */
  async serve({ names = {}, services = {} }: Zone): Promise<void> {
    await this.#stop()
    const lines = Object.entries(names).flatMap(([name, ips]) => ips.map((ip) => `${ip} ${name}`))
    const file = join(this.#folder, 'zone')
    writeFileSync(file, `${lines.join('\n')}\n`)
    const records = Object.entries(services).flatMap(([name, targets]) =>
      targets.map((target) => `--srv-host=${name},${target}`),
    )
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
    const options = ['--no-daemon', '--user=root', ...nothingElse, ...mine, `--addn-hosts=${file}`]
    const server = spawn(program ?? '', [...words, '/usr/sbin/dnsmasq', ...options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    this.#process = server
    await new Promise<void>((resolve, reject) => {
      let said = ''
      server.stderr.on('data', (chunk) => {
        said += String(chunk)
        // It has read its files.
        if (/read .*zone/.test(said)) resolve()
      })
      server.once('exit', () => reject(new Error(`dnsmasq ended: ${said}`)))
    })
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
    const server = this.#process
    if (server === undefined || server.exitCode !== null || server.signalCode !== null) return
    server.kill('SIGKILL')
    await once(server, 'exit')
  }
}
