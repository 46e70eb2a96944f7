/**
 * A network for one test: hosts in network namespaces, on a switch in one more namespace. No host
 * has a route out, so whatever a node does there stays there. Linux, root, iproute2, nftables.
 */

import { execFileSync } from 'node:child_process'
import { NODE, type Runtime } from './node-process.ts'
import type { Teardown } from './teardown.ts'

/** Where a node can be run. */
export interface Host {
  readonly ip: string
  /** Runs a node on this host. */
  readonly runtime: Runtime
}

/** npm puts the programs of packages first in PATH, and one of them is called nft, too. */
const SYSTEM_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'

/** Drops packets where they come in: otherwise the sender's kernel would see it. */
const LOSS_TABLE = (percent: number): string => `
  table inet loss {
    counter lost {}
    chain incoming {
      type filter hook input priority 0
      numgen random mod 100 < ${percent} counter name lost drop
    }
  }`

/** No frame passes the switch between these ports and the others. The first two lines empty it. */
const PARTITION_TABLE = (ports: string): string => `
  table bridge partition
  delete table bridge partition
  table bridge partition {
    chain between {
      type filter hook forward priority 0
      iifname { ${ports} } oifname != { ${ports} } drop
      iifname != { ${ports} } oifname { ${ports} } drop
    }
  }`

/**
 * The most hosts that find each other by ARP. All namespaces share one table of the kernel, of
 * 1,024 entries by default (gc_thresh3), to which permanent ones do not count.
 */
const LEARNING_HOSTS_MAX = 16

let lanCount = 0

/** Hosts that reach one another until a test separates them. Removed after the test. */
export class Lan {
  readonly hosts: readonly Host[]
  readonly #name: string

  private constructor(name: string, count: number) {
    this.#name = name
    this.hosts = Array.from({ length: count }, (_, index) => ({
      ip: `10.77.0.${index + 1}`,
      runtime: ['ip', 'netns', 'exec', this.#namespace(index), ...NODE],
    }))
  }

  /** @throws with one sentence that says what is missing */
  static create(t: Teardown, count: number): Lan {
    requirePrograms()
    lanCount += 1
    const lan = new Lan(`fullmesh-${process.pid}-${lanCount}`, count)
    t.teardown(() => lan.#delete())
    lan.#addNamespaces()
    lan.#addSwitch()
    for (const index of lan.hosts.keys()) lan.#setUp(index)
    return lan
  }

  /**
   * Cuts these hosts off from the others; among themselves they stay connected. No node gets an
   * error: no more packets arrive. Ends an earlier partition.
   */
  cutOff(hosts: readonly Host[]): void {
    const ports = hosts.map((host) => portName(this.hosts.indexOf(host))).join(', ')
    run(['ip', 'netns', 'exec', this.#name, 'nft', '-f', '-'], PARTITION_TABLE(ports))
  }

  /** Joins all hosts again. */
  heal(): void {
    const remove = 'table bridge partition\ndelete table bridge partition\n'
    run(['ip', 'netns', 'exec', this.#name, 'nft', '-f', '-'], remove)
  }

  /** From now on every host loses this share of the packets that come to it. */
  losePackets(percent: number): void {
    for (const index of this.hosts.keys()) {
      run(['ip', 'netns', 'exec', this.#namespace(index), 'nft', '-f', '-'], LOSS_TABLE(percent))
    }
  }

  /**
   * From now on a host cannot dial its own IP, as behind a router that sends no packets back to
   * where they came from.
   */
  dropOwnConnections(host: Host): void {
    const namespace = this.#namespace(this.hosts.indexOf(host))
    const table = `
      table inet own {
        chain incoming {
          type filter hook input priority 0
          iif lo ip daddr ${host.ip} drop
        }
      }`
    run(['ip', 'netns', 'exec', namespace, 'nft', '-f', '-'], table)
  }

  /** How many packets were lost so far. */
  get lostPackets(): number {
    const list = ['nft', 'list', 'counter', 'inet', 'loss', 'lost']
    return this.hosts
      .map((_, index) => run(['ip', 'netns', 'exec', this.#namespace(index), ...list]))
      .map((text) => Number(/packets (\d+)/.exec(text)?.[1]))
      .reduce((sum, packets) => sum + packets, 0)
  }

  /** Where this host can send anything, as the kernel prints it. */
  routesOf(host: Host): string {
    const namespace = this.#namespace(this.hosts.indexOf(host))
    return ['-4', '-6'].map((version) => run(['ip', '-n', namespace, version, 'route'])).join('')
  }

  #addNamespaces(): void {
    batch(
      [],
      this.#namespaces.map((name) => `netns add ${name}`),
    )
  }

  /** With a port for each host, whose other end is in the host. */
  #addSwitch(): void {
    const ports = [...this.hosts.keys()].flatMap((index) => {
      const port = portName(index)
      const peer = `peer name lan netns ${this.#namespace(index)}`
      return [`link add ${port} type veth ${peer}`, `link set ${port} up master switch`]
    })
    batch(['-n', this.#name], ['link add switch type bridge', 'link set switch up', ...ports])
  }

  /** Too many hosts are told where all others are. */
  #setUp(index: number): void {
    const learns = this.hosts.length <= LEARNING_HOSTS_MAX
    const others = learns ? [] : this.hosts.filter((_, other) => other !== index)
    batch(
      ['-n', this.#namespace(index)],
      [
        'link set lo up',
        `link set lan address ${macOf(index)}`,
        `address add ${this.hosts[index]?.ip}/24 dev lan`,
        'link set lan up',
        ...others.map((host) => {
          const mac = macOf(this.hosts.indexOf(host))
          return `neigh replace ${host.ip} lladdr ${mac} nud permanent dev lan`
        }),
      ],
    )
  }

  #namespace(index: number): string {
    return `${this.#name}-${index + 1}`
  }

  /** Also removes a network whose creation failed. */
  #delete(): void {
    const existing = run(['ip', 'netns', 'list'])
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
    const ours = this.#namespaces.filter((name) => existing.includes(name))
    batch(
      [],
      ours.map((name) => `netns delete ${name}`),
    )
  }

  get #namespaces(): readonly string[] {
    return [this.#name, ...this.hosts.map((_, index) => this.#namespace(index))]
  }
}

/** Locally administered. */
function macOf(index: number): string {
  return `02:00:00:00:00:${(index + 1).toString(16).padStart(2, '0')}`
}

function portName(index: number): string {
  return `port${index + 1}`
}

function requirePrograms(): void {
  try {
    run(['ip', '-V'])
    run(['nft', '--version'])
  } catch (cause) {
    throw new Error('install iproute2 and nftables: apt-get install iproute2 nftables', { cause })
  }
  if (process.getuid?.() !== 0) throw new Error('run the tests as root: they make networks')
}

/** Commands of `ip`, in one process: a test has hundreds of them. */
function batch(options: readonly string[], lines: readonly string[]): void {
  run(['ip', ...options, '-batch', '-'], `${lines.join('\n')}\n`)
}

function run([program = '', ...args]: readonly string[], input = ''): string {
  const env = { ...process.env, PATH: SYSTEM_PATH }
  return execFileSync(program, args, { env, input, encoding: 'utf8', stdio: 'pipe' })
}
