/**
 * Pictures of the page to look at, from made meshes:
 * `node --import=./build/typescript.js test/page/pictures.ts FOLDER`. Not a test: people
 * look at them.
 */

import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { BrowserContextOptions } from 'playwright-core'
import type { Status } from '../../src/http/status.ts'
import { launchBrowser, openPage } from '../helpers/browser.ts'
import {
  afterLeave,
  completeMesh,
  failedDial,
  madeAddress,
  withoutLine,
  withPeer,
  withSilent,
} from '../helpers/made-status.ts'
import { MockNode } from '../helpers/mock-node.ts'

const LOOKS: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1280, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1280, height: 800 } },
  wide: { colorScheme: 'light', viewport: { width: 1920, height: 1080 } },
  phone: { colorScheme: 'light', viewport: { width: 390, height: 844 } },
}

/** A mesh with a node or a line of every kind. */
function troubled(count: number): Status {
  const [left, absent, tried, plain] = [5, 8, 11, 13].map(madeAddress)
  let status = afterLeave(completeMesh(count), left ?? '')
  status = afterLeave(status, absent ?? '', null)
  status = withPeer(status, tried ?? '', {
    state: 'attempting',
    link: null,
    connectedTo: null,
    lastEnding: null,
  })
  status = withPeer(status, plain ?? '', { connectedTo: null })
  return withoutLine(status, madeAddress(3), madeAddress(Math.ceil(count * 0.7)))
}

const REFUSED = failedDial('refused', 'connection refused')

const SCENES: Readonly<Record<string, Status>> = {
  '1': completeMesh(1),
  '2': completeMesh(2),
  '3': completeMesh(3),
  '5-left': afterLeave(completeMesh(5), madeAddress(3)),
  '5-line': withoutLine(completeMesh(5), madeAddress(2), madeAddress(4)),
  '10': completeMesh(10, (number) => `ws://node-${number}.mesh.example.org:4001`),
  '20': completeMesh(20),
  '30': completeMesh(30),
  // What is wrong must be seen in three seconds.
  '30-missing': withoutLine(
    afterLeave(completeMesh(30), madeAddress(7), 12_000, REFUSED),
    madeAddress(12),
    madeAddress(25),
  ),
  '30-silent': withSilent(completeMesh(30), madeAddress(7)),
  '30-troubled': troubled(30),
  '200': completeMesh(200),
  '200-troubled': troubled(200),
}

const folder = process.argv[2] ?? 'pictures'
const only = process.argv[3]
mkdirSync(folder, { recursive: true })
const teardowns: (() => unknown)[] = []
const ending = { teardown: (end: () => unknown) => void teardowns.push(end) }
try {
  const node = await MockNode.start(ending, await anyPort(), completeMesh(1))
  const browser = await launchBrowser(ending)
  for (const [scene, status] of Object.entries(SCENES)) {
    if (only !== undefined && only !== scene) continue
    node.publish(status)
    for (const [look, options] of Object.entries(LOOKS)) {
      const { page, complaints } = await openPage(browser, node.url, {
        reducedMotion: 'reduce',
        ...options,
      })
      await page.waitForSelector('.node')
      await page.screenshot({ path: join(folder, `${scene}-${look}.png`), fullPage: true })
      if (complaints.length > 0) console.error(scene, look, complaints)
      await page.context().close()
    }
  }
} finally {
  for (const end of teardowns.reverse()) await end()
}

function anyPort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}
