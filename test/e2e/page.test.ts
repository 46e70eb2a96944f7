/** The page in a real browser, and what programs ask for, of a mesh of five real nodes. */

import { once } from 'node:events'
import { createServer, request } from 'node:http'
import test, { type ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions } from 'playwright-core'
import type { PeerStatus } from '../../src/http/status.ts'
import { parseStatus } from '../../src/http/status.ts'
import {
  accessibilityFindings,
  launchBrowser,
  leavePage,
  openPage,
  type WatchedPage,
} from '../helpers/browser.ts'
import { freePorts } from '../helpers/free-port.ts'
import { createNodes } from '../helpers/mesh-of-processes.ts'
import { NodeProcess } from '../helpers/node-process.ts'
import { type PageView, seeUntil } from '../helpers/page-view.ts'
import { ToolTeardown } from '../helpers/teardown.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const NODES = 5
const LINES = (NODES * (NODES - 1)) / 2

/**
 * A change is seen within a second (EVENT_STREAM_PACE_MS). Enough for a busy machine.
 */
const CHANGE_MS_MAX = 5000

/** 11 s on a machine at rest; less than the 45 s after which the node is lost. */
const FROZEN_MS_MAX = 40_000

/** What the browser logs for a node that does not answer. */
const BROWSER_COMPLAINT = /^Failed to load resource: net::ERR_/

const ends = new ToolTeardown()
let browser: Browser | undefined

test.before(async () => {
  browser = await launchBrowser(ends)
})

test.after.always(() => ends.run())

/** A page in a window of its own, watched. */
async function open(
  t: ExecutionContext,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  if (browser === undefined) throw new Error('no browser')
  const watched = await openPage(browser, url, options)
  t.teardown(() => leavePage(watched.page, options))
  return watched
}

let started: Promise<readonly NodeProcess[]> | undefined

async function startMesh(): Promise<readonly NodeProcess[]> {
  const nodes = await createNodes(ends, NODES)
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

/** The mesh of this file, complete, as each test leaves it. The page is that of the first node. */
async function completeMesh(): Promise<{
  readonly nodes: readonly NodeProcess[]
  readonly first: NodeProcess
  readonly third: NodeProcess
}> {
  started ??= startMesh()
  const nodes = await started
  await waitUntil(
    () => nodes.every(({ connected }) => connected === NODES - 1),
    () => nodes.map(({ output }) => output).join('\n'),
  )
  const [first, , third] = nodes
  if (first === undefined || third === undefined) throw new Error('no nodes')
  return { nodes, first, third }
}

/** A line between any two nodes, each reported by both ends. */
function isWhole({ state, standing, lines }: PageView): boolean {
  return state === 'complete' && standing === LINES && lines['half'] === 0
}

test.serial('page - five real nodes are five nodes and ten lines', async (t) => {
  const { nodes, first } = await completeMesh()
  const url = `http://localhost:${first.port}/`
  await first.reported('page', { url })
  const watched = await open(t, url)
  const { log, figures, ...view } = await seeUntil(watched.page, isWhole)
  t.like(figures, { Nodes: '5 of 5', Connections: '10 of 10 pairs' })
  t.deepEqual(view, {
    title: `5/5 localhost:${first.port} · Fullmesh`,
    summary: 'all 5 nodes connected',
    problems: [],
    state: 'complete',
    nodes: Object.fromEntries(
      nodes
        .map(({ address }) => [address, address === first.address ? 'own' : 'connected'] as const)
        .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    ),
    lines: { own: 4, mutual: 6, half: 0, missing: 0, absent: 0, selected: 0 },
    standing: LINES,
  })
  t.is(log.length, 1, 'joins at one time are one line')
  t.deepEqual(await accessibilityFindings(watched), [])
  t.deepEqual(watched.complaints, [])
  t.deepEqual(watched.foreignRequests, [])
})

test.serial('page - a node that is killed leaves it, and comes back when it does', async (t) => {
  const { first, third } = await completeMesh()
  const watched = await open(t, `http://localhost:${first.port}/`, {
    // axe-core measures contrast, which what is just being faded in does not have yet.
    reducedMotion: 'reduce',
  })
  const { page, complaints } = watched
  await seeUntil(page, isWhole)

  await third.stop('SIGKILL')
  const killedMs = performance.now()
  const without = await seeUntil(
    page,
    ({ nodes, standing }) => nodes[third.address] !== 'connected' && standing === 6,
    CHANGE_MS_MAX,
  )
  t.log(`${Math.round(performance.now() - killedMs)} ms to show a killed node`)
  t.is(without.summary, '1 missing')
  t.is(without.state, 'incomplete')
  t.true(without.problems[0]?.startsWith(`${third.port} is missing: `), without.problems[0])
  t.is(without.log[0], `lost connection to ${third.port}`)
  t.deepEqual(await accessibilityFindings(watched), [])

  await third.start()
  const back = await seeUntil(page, isWhole)
  t.is(back.summary, 'all 5 nodes connected')
  t.is(back.log[0], `${third.port} joined`)
  t.deepEqual(complaints, [])
})

test.serial('page - a node that is frozen is silent before it is lost', async (t) => {
  const { first, third } = await completeMesh()
  const { page } = await open(t, `http://localhost:${first.port}/`, { reducedMotion: 'reduce' })
  await seeUntil(page, isWhole)
  process.kill(third.pid, 'SIGSTOP')
  t.teardown(() => process.kill(third.pid, 'SIGCONT'))
  const frozenMs = performance.now()
  const { problems, summary } = await seeUntil(
    page,
    ({ nodes }) => nodes[third.address] !== 'connected',
    FROZEN_MS_MAX,
  )
  t.log(`${Math.round(performance.now() - frozenMs)} ms to show a frozen node`)
  t.is(summary, '1 node does not answer')
  t.regex(problems[0] ?? '', new RegExp(`^${third.port} is connected but does not answer`))
  process.kill(third.pid, 'SIGCONT')
  await seeUntil(page, isWhole)
})

test.serial('page - recovers by itself when its own node was restarted', async (t) => {
  const { first } = await completeMesh()
  const { page, complaints, foreignRequests } = await open(t, `http://localhost:${first.port}/`)
  await seeUntil(page, isWhole)

  await first.stop('SIGKILL')
  const stale = await seeUntil(page, ({ state }) => state === 'unreachable', CHANGE_MS_MAX)
  t.is(stale.summary, 'No answer from this node; trying again')
  t.is(Object.keys(stale.nodes).length, NODES, 'the last status stays')

  await first.start()
  const back = await seeUntil(page, isWhole)
  t.is(back.summary, 'all 5 nodes connected')
  t.deepEqual(
    complaints.filter((text) => !BROWSER_COMPLAINT.test(text)),
    [],
  )
  t.deepEqual(foreignRequests, [])
})

/** The messages that the panel shows, each with its sender and topic. */
function messagesIn(page: WatchedPage['page']): Promise<readonly string[]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('#messages li')].map((item) =>
      [...item.querySelectorAll('b, i, .body')].map((part) => part.textContent).join(' '),
    ),
  )
}

test.serial('messages - two windows on two nodes are a chat', async (t) => {
  const [firstPort, secondPort] = await freePorts(t, 2)
  if (firstPort === undefined || secondPort === undefined) return t.fail()
  const first = await NodeProcess.start(t, { port: firstPort })
  const second = await NodeProcess.start(t, { port: secondPort, knownPeers: [first.address] })
  const windows = await Promise.all(
    [first, second].map(({ port }) => open(t, `http://localhost:${port}/`)),
  )
  for (const { page } of windows) {
    await seeUntil(page, ({ standing }) => standing === 1)
    await page.getByRole('button', { name: 'Messages' }).click()
    await page.locator('#messages').waitFor()
  }
  const [anna, bob] = windows.map(({ page }) => page)
  if (anna === undefined || bob === undefined) return t.fail()
  const say = async (page: WatchedPage['page'], text: string) => {
    await page.getByLabel('Message', { exact: true }).fill(text)
    await page.keyboard.press('Enter')
  }
  const chat: string[] = []
  for (const [page, port, text] of [
    [anna, firstPort, 'hello <b>'],
    [bob, secondPort, 'hi, Anna'],
    [anna, firstPort, 'how are you?'],
  ] as const) {
    await say(page, text)
    chat.push(`${port} chat ${text}`)
    for (const each of [anna, bob]) {
      let seen: readonly string[] = []
      await waitUntil(
        async () => {
          seen = await messagesIn(each)
          return seen.length === chat.length
        },
        () => seen.join('\n'),
      )
      t.deepEqual(seen, chat)
    }
  }
  t.is(await anna.getByLabel('Message', { exact: true }).inputValue(), '')

  // Another pattern leaves them out.
  await bob.getByLabel('Topics').fill('news.*')
  await bob.getByRole('button', { name: 'Follow' }).click()
  await waitUntil(
    async () => (await messagesIn(bob)).length === 0,
    () => 'topics that do not match are shown',
  )
  await first.stop('SIGKILL')
  for (const { complaints } of windows) {
    t.deepEqual(
      complaints.filter((text) => !BROWSER_COMPLAINT.test(text)),
      [],
    )
  }
})

test.serial('messages - where they are not allowed, one line says why', async (t) => {
  const [port, proxyPort] = await freePorts(t, 2)
  if (port === undefined || proxyPort === undefined) return t.fail()
  const settings = {
    HTTP_ALLOW: '127.0.0.1',
    HTTP_HOSTS: `localhost:${proxyPort}`,
    TOPICS_ALLOW: '203.0.113.1',
  }
  await NodeProcess.start(t, { port, settings })
  await proxyTo(t, port, proxyPort)
  const { page } = await open(t, `http://localhost:${proxyPort}/mesh/`)
  await page.getByRole('button', { name: 'Messages' }).click()
  const line = page.locator('.refused')
  await line.waitFor()
  t.regex((await line.textContent()) ?? '', /^not allowed .*; set TOPICS_ALLOW=/)
  t.is(await page.locator('#messages form').count(), 0)
})

/** Whether the peer has reported all it can. */
function isReported({ state, connectedTo, link }: PeerStatus): boolean {
  return state === 'connected' && connectedTo?.length === NODES - 1 && link?.roundTripMs !== null
}

test.serial('page - programs get health, peers and metrics of a real mesh', async (t) => {
  const { nodes, first, third } = await completeMesh()
  const ask = (path: string) => fetch(`http://localhost:${first.port}${path}`)
  const textOf = async (path: string) => (await ask(path)).text()

  const healthy = { status: 'ok', summary: 'all 5 nodes connected' }
  t.deepEqual(JSON.parse(await textOf('/health')), healthy)
  t.is((await ask('/health?complete')).status, 200)

  const peersOf = async (): Promise<readonly PeerStatus[]> => {
    const parsed = parseStatus(JSON.parse(await textOf('/peers')))
    return parsed.kind === 'status' ? parsed.status.peers : []
  }
  let peers: readonly PeerStatus[] = []
  await waitUntil(
    async () => {
      peers = await peersOf()
      return peers.length === NODES - 1 && peers.every(isReported)
    },
    () => JSON.stringify(peers, undefined, 1),
  )
  for (const { address, connectedTo, link } of peers) {
    const others = nodes.filter((node) => node.address !== address)
    t.deepEqual(connectedTo?.toSorted(), others.map((node) => node.address).toSorted())
    t.is(link?.runtime, `Node.js ${process.versions.node}`)
    t.is(link?.sameCode, true)
  }

  t.regex(await textOf('/help'), /^A node of .*^Usage: node index\.js publish TOPIC/ms)

  const metrics = await textOf('/metrics')
  t.regex(metrics, /^fullmesh_peers\{state="connected"\} 4$/m)
  t.regex(metrics, /^fullmesh_ping_round_trip_seconds_count [1-9]/m)

  await third.stop('SIGKILL')
  await waitUntil(
    async () => (await ask('/health?complete')).status === 503,
    () => 'a killed node is not missing',
  )
  t.is((await ask('/health')).status, 200)
  t.is(JSON.parse(await textOf('/health?complete')).status, 'incomplete')
  await third.start()
})

/** A reverse proxy that serves the node on this port below /mesh/, as nginx does. */
async function proxyTo(t: ExecutionContext, port: number, proxyPort: number): Promise<void> {
  const proxy = createServer((asked, answer) => {
    const path = /^\/mesh(\/.*)$/.exec(asked.url ?? '')?.[1]
    if (path === undefined) {
      answer.writeHead(404).end()
      return
    }
    const headers = { ...asked.headers, 'X-Forwarded-For': '203.0.113.9' }
    const passedOn = request({ host: '127.0.0.1', port, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 0, response.headers)
      response.pipe(answer)
    })
    passedOn.on('error', () => answer.destroy()).end()
  })
  t.teardown(() => {
    proxy.close()
    proxy.closeAllConnections()
  })
  await once(proxy.listen(proxyPort, '127.0.0.1'), 'listening')
}

test.serial('page - works below a path of a proxy', async (t) => {
  const [port, proxyPort] = await freePorts(t, 2)
  if (port === undefined || proxyPort === undefined) return t.fail()
  const settings = { HTTP_ALLOW: '127.0.0.1', HTTP_HOSTS: `localhost:${proxyPort}` }
  const node = await NodeProcess.start(t, { port, settings })
  await proxyTo(t, port, proxyPort)
  const watched = await open(t, `http://localhost:${proxyPort}/mesh/`)
  const alone = await seeUntil(watched.page, ({ state }) => state === 'complete')
  t.is(alone.summary, 'no other node connected')
  // By an event, after the first one.
  await NodeProcess.start(t, { knownPeers: [node.address] })
  const both = await seeUntil(watched.page, ({ standing }) => standing === 1)
  t.is(both.summary, 'all 2 nodes connected')
  t.deepEqual(watched.complaints, [])
  t.deepEqual(watched.foreignRequests, [])
  t.deepEqual(node.eventsOf('request-refused'), [])
})
