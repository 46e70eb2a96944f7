/**
 * Pods of deploy/kubernetes.yaml in network namespaces, with its very environment, behind its name
 * in DNS: all of them are restarted one after the other with other IPs, while all publish.
 */

import { spawn } from 'node:child_process'
import test, { type ExecutionContext } from 'ava'
import { DnsServer } from '../helpers/dns-server.ts'
import { environmentOfPod, service, statefulSet } from '../helpers/kubernetes.ts'
import { type Host, Lan } from '../helpers/lan.ts'
import { cleanEnvironment, NodeProcess, Run } from '../helpers/node-process.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'
import { assertNoUnhandledErrors } from '../helpers/unhandled-errors.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const PODS = 10
const NAMESPACE = 'shop'

/** What each pod publishes before and after the restarts. */
const MESSAGES = 20

/**
 * While one pod stops, and again while the next one starts, each pod publishes so many, with pauses
 * between. Ten readers in processes of their own read each: without end, a slow machine would have
 * ever more to do.
 */
const ROUNDS = 3
const PAUSE_MS = 250

const TEST_MS_MAX = 300_000
const WAIT_MS_MAX = 50_000

/** For the programs, not the pods: a node answers late on a busy machine. */
const PATIENT = {
  DIAL_TIMEOUT_MS: `${WAIT_MS_MAX}`,
  HANDSHAKE_TIMEOUT_MS: `${WAIT_MS_MAX + 1}`,
}

interface Place {
  readonly name: string
  readonly ip: string
}

/** One process of a pod, with a program that publishes and one that reads everything. */
class Pod {
  readonly name: string
  /** Of this process alone. */
  readonly id: string
  readonly node: NodeProcess
  readonly #publisher: Run
  readonly #reader: Run
  readonly startedMs = performance.now()
  endedMs = Number.POSITIVE_INFINITY
  published = 0
  /** When it published the last one. */
  publishedMs = 0
  /** What its reader has printed so far: what came from each process, and lines without a text. */
  readonly #numbers = new Map<string, number[]>()
  readonly #gaps: string[] = []
  #readTo = 0

  private constructor(
    { name, ip }: Place,
    node: NodeProcess,
    programs: readonly [publisher: Run, reader: Run],
  ) {
    this.name = name
    this.id = `${name}@${ip}`
    this.node = node
    ;[this.#publisher, this.#reader] = programs
    // A publisher that ended has said why; stop() reads it.
    this.#publisher.child.stdin?.on('error', () => {})
  }

  static async start(
    t: ExecutionContext,
    dns: DnsServer,
    { index, host, secret }: { index: number; host: Host; secret: string },
  ): Promise<Pod> {
    const name = `${statefulSet().metadata?.name}-${index}`
    const environment = environmentOfPod({ name, namespace: NAMESPACE })
    // The mount of a secret is the one thing that differs.
    const env = { ...environment, SECRET_FILE: secret }
    const runtime = dns.runtimeOn(host)
    const [program, ...words] = runtime
    const node = await NodeProcess.create(t, {
      port: Number(environment['PORT']),
      runtime,
      files: { '.env': undefined, 'known-peers.json': undefined },
    })
    // Ten that start at once take long on a busy machine.
    node.launch({ env })
    await waitUntil(
      () => node.eventsOf('listening').length > 0,
      () => `listening\n${node.output}`,
      WAIT_MS_MAX,
    )
    const command = (...more: readonly string[]): Run => {
      const child = spawn(program, [...words, node.script, ...more], {
        env: { ...cleanEnvironment(), ...env, ...PATIENT },
        stdio: 'pipe',
      })
      t.teardown(() => child.kill('SIGKILL'))
      return new Run(child)
    }
    const reader = command('subscribe', '>', '--history')
    return new Pod({ name, ip: host.ip }, node, [command('publish', 'load'), reader])
  }

  publish(): void {
    this.published += 1
    this.publishedMs = performance.now()
    this.#publisher.child.stdin?.write(`${this.id} ${this.published}\n`)
  }

  /** As Kubernetes stops a pod. Its reader has by then what the others had published before. */
  async stop(t: ExecutionContext, others: readonly Pod[]): Promise<void> {
    const wanted = [this, ...others]
      .filter(({ publishedMs }) => publishedMs > this.startedMs)
      .map((pod) => ({ pod, last: pod.published }))
    this.endedMs = performance.now()
    this.#publisher.child.stdin?.end()
    t.like(await this.#publisher.ends(), { code: 0, stderr: '' })
    const lacking = () =>
      wanted.filter(({ pod, last }) => (this.numbersFrom(pod).at(-1) ?? 0) < last)
    await waitUntil(
      () => lacking().length === 0,
      () => `${this.id} lacks ${lacking().map(({ pod, last }) => `${last} of ${pod.id}`)}`,
      WAIT_MS_MAX,
    )
    t.like(await this.node.stop('SIGTERM'), { code: 0 })
    this.#reader.child.kill('SIGINT')
    await this.#reader.ends()
  }

  /** The numbers that came from a process, in the order in which they came. */
  numbersFrom(other: Pod): readonly number[] {
    this.#read()
    return this.#numbers.get(other.id) ?? []
  }

  /** All that its programs said of gaps and problems. */
  get complaints(): string {
    this.#read()
    return [...this.#gaps, this.#reader.stderr, this.#publisher.stderr].join('')
  }

  /** Each line once: there are thousands. */
  #read(): void {
    const { stdout } = this.#reader
    const end = stdout.lastIndexOf('\n') + 1
    const lines = stdout.slice(this.#readTo, end).split('\n').slice(0, -1)
    this.#readTo = end
    for (const line of lines) {
      const { body } = JSON.parse(line)
      const [id = '', number] = String(body ?? '').split(' ')
      const numbers = this.#numbers.get(id) ?? []
      this.#numbers.set(id, numbers)
      if (number === undefined) this.#gaps.push(line)
      else numbers.push(Number(number))
    }
  }

  /** What is missing, came twice or out of order from a process that published meanwhile. */
  problemWith(other: Pod): string | undefined {
    if (other.startedMs > this.endedMs) return undefined
    const numbers = this.numbersFrom(other)
    const [first = other.published + 1] = numbers
    const isRun = numbers.every((number, index) => number === first + index)
    if (!isRun) return `${this.id} has from ${other.id}: ${numbers.join(' ')}`
    // What was published just before this process ended may not have been read.
    const isWhole = other.startedMs < this.startedMs || first === 1 || numbers.length === 0
    const endsWell = this.isRunning && other.publishedMs > this.startedMs
    if (isWhole && (!endsWell || numbers.at(-1) === other.published)) return undefined
    return `${this.id} has from ${other.id}: ${first} to ${numbers.at(-1)} of ${other.published}`
  }

  get isRunning(): boolean {
    return this.endedMs === Number.POSITIVE_INFINITY
  }
}

/** What CoreDNS has of a headless service: a name for each pod, and SRV records. */
function zoneOf(places: readonly Place[]) {
  const { metadata, spec } = service()
  const [port] = spec?.ports ?? []
  const domain = `${metadata?.name}.${NAMESPACE}.svc.cluster.local`
  const names = places.map(({ name, ip }) => [`${name}.${domain}`, [ip]] as const)
  return {
    names: { ...Object.fromEntries(names), [domain]: places.map(({ ip }) => ip) },
    services: {
      [`_${port?.name}._tcp.${domain}`]: places.map(
        ({ name }) => `${name}.${domain},${port?.port}`,
      ),
    },
  }
}

/** By their own word: the kernel also counts the connections of the programs. */
function areConnected(nodes: readonly NodeProcess[]): Promise<void> {
  return waitUntil(
    () => nodes.every(({ connected }) => connected === nodes.length - 1),
    () => nodes.map(({ output }) => output).join('\n'),
    WAIT_MS_MAX,
  )
}

test('rolling restart - ten pods get other IPs, and each message arrives once', async (t) => {
  t.timeout(TEST_MS_MAX)
  const [server, ...hosts] = Lan.create(t, 1 + 2 * PODS).hosts
  if (server === undefined) return t.fail()
  const hostOf = (index: number): Host => {
    const host = hosts[index]
    if (host === undefined) throw new Error(`no host ${index}`)
    return host
  }
  const folder = temporaryFolder(t, { secret: `fm1_${'s'.repeat(43)}\n` })
  const secret = `${folder}/secret`
  const name = statefulSet().metadata?.name
  const places = Array.from({ length: PODS }, (_, index) => ({
    name: `${name}-${index}`,
    ip: hostOf(index).ip,
  }))
  const dns = await DnsServer.start(t, server, zoneOf(places))
  // The pod management policy is Parallel, so that a new mesh starts at once.
  t.is(statefulSet().spec?.podManagementPolicy, 'Parallel')
  const pods = await Promise.all(
    [...places.keys()].map((index) => Pod.start(t, dns, { index, host: hostOf(index), secret })),
  )
  const all = [...pods]
  const running = (): readonly NodeProcess[] => pods.map(({ node }) => node)
  await t.notThrowsAsync(areConnected(running()))
  const publishAll = (): void => {
    for (const pod of pods) for (let n = 0; n < MESSAGES; n += 1) pod.publish()
  }
  publishAll()
  let rounds = 0
  const timer = setInterval(() => {
    rounds += 1
    if (rounds <= ROUNDS) for (const pod of pods) if (pod.isRunning) pod.publish()
  }, PAUSE_MS)
  t.teardown(() => clearInterval(timer))
  for (let index = PODS - 1; index >= 0; index -= 1) {
    const old = pods[index]
    if (old === undefined) return t.fail()
    rounds = 0
    const others = pods.filter((pod) => pod !== old)
    await old.stop(t, others)
    rounds = 0
    const host = hostOf(PODS + index)
    places[index] = { name: old.name, ip: host.ip }
    const starting = Pod.start(t, dns, { index, host, secret })
    await dns.serve(zoneOf(places))
    const pod = await starting
    pods[index] = pod
    all.push(pod)
  }
  await t.notThrowsAsync(areConnected(running()))
  clearInterval(timer)
  publishAll()
  const problems = (): readonly string[] =>
    all.flatMap((reader) => all.flatMap((writer) => reader.problemWith(writer) ?? []))
  await t.notThrowsAsync(
    waitUntil(
      () => problems().length === 0,
      () => [...problems(), ...all.map((pod) => `${pod.id}: ${pod.complaints}`)].join('\n'),
      WAIT_MS_MAX,
    ),
  )
  for (const pod of pods) t.is(pod.complaints, '')
  assertNoUnhandledErrors(t, running())
})
