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

/**
 * Entries of the table of connections that each host has for itself. The one of the system has
 * 262,144, and the kernel goes through all of them whenever a test reads what is connected.
 */
const CONNECTION_TABLE = 'net.ipv4.tcp_child_ehash_entries=1024'

let lanCount = 0

/** Hosts that reach one another until a test separates them. Removed after the test. */
export class Lan {
  readonly hosts: readonly Host[]
  readonly #name: string
  #ipCount = 0

  private constructor(name: string, count: number) {
    this.#name = name
    this.hosts = Array.from({ length: count }, (_, index) => ({
      ip: this.#nextIp(),
      runtime: ['ip', 'netns', 'exec', this.#namespace(index), ...NODE],
    }))
  }

  /** @throws with one sentence that says what is missing */
  static create(t: Teardown, count: number): Lan {
    requirePrograms()
    lanCount += 1
    const lan = new Lan(`fullmesh-${process.pid}-${lanCount}`, count)
    t.teardown(() => lan.#delete())
    lan.#addSwitch()
    for (const index of lan.hosts.keys()) lan.#addHost(index)
    lan.#connect()
    if (count > LEARNING_HOSTS_MAX) for (const index of lan.hosts.keys()) lan.#addNeighbors(index)
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

  /** Gives a host so many IPs more, and returns them. */
  addIps(host: Host, count: number): readonly string[] {
    const ips = Array.from({ length: count }, () => this.#nextIp())
    const lines = ips.map((ip) => `address add ${ip}/24 dev lan`)
    batch(this.#namespace(this.hosts.indexOf(host)), lines)
    return ips
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

  #addSwitch(): void {
    run(['ip', 'netns', 'add', this.#name])
    // A kernel before 6.1 has one table for all.
    run(['ip', 'netns', 'exec', this.#name, 'sysctl', '-eqw', CONNECTION_TABLE])
  }

  #addHost(index: number): void {
    const namespace = this.#namespace(index)
    // Namespaces get the setting of the one in which they are made.
    run(['nsenter', `--net=/run/netns/${this.#name}`, 'ip', 'netns', 'add', namespace])
  }

  /** Connects all hosts to the switch. */
  #connect(): void {
    const ports = [...this.hosts.keys()].flatMap((index) => [
      `link add ${portName(index)} type veth peer name lan netns ${this.#namespace(index)}`,
      `link set ${portName(index)} up master switch`,
    ])
    batch(this.#name, ['link add switch type bridge', 'link set switch up', ...ports])
    for (const [index, { ip }] of this.hosts.entries()) {
      batch(this.#namespace(index), [
        `link set lan address ${macOf(index)}`,
        'link set lo up',
        `address add ${ip}/24 dev lan`,
        'link set lan up',
      ])
    }
  }

  /** Tells a host where all others are. */
  #addNeighbors(index: number): void {
    const lines = this.hosts.map(({ ip }, other) =>
      other === index ? '' : `neigh replace ${ip} lladdr ${macOf(other)} nud permanent dev lan`,
    )
    batch(this.#namespace(index), lines)
  }

  #nextIp(): string {
    this.#ipCount += 1
    return `10.77.0.${this.#ipCount}`
  }

  #namespace(index: number): string {
    return `${this.#name}-${index + 1}`
  }

  /** Also removes a network whose creation failed. */
  #delete(): void {
    const existing = run(['ip', 'netns', 'list'])
      .split('\n')
      .map((line) => line.split(' ')[0] ?? '')
    const ours = [this.#name, ...this.hosts.map((_, index) => this.#namespace(index))]
    const lines = ours
      .filter((name) => existing.includes(name))
      .map((name) => `netns delete ${name}`)
    run(['ip', '-batch', '-'], `${lines.join('\n')}\n`)
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

/** Changes the network of a namespace. */
function batch(namespace: string, lines: readonly string[]): void {
  run(['ip', '-n', namespace, '-batch', '-'], `${lines.join('\n')}\n`)
}

function run([program = '', ...args]: readonly string[], input = ''): string {
  const env = { ...process.env, PATH: SYSTEM_PATH }
  return execFileSync(program, args, { env, input, encoding: 'utf8', stdio: 'pipe' })
}
