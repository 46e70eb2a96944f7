/** The pictures of the page for README.md, from nodes that run: a part of `npm run pictures`. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { browserProgram, startBrowser } from '../../build/browser.ts'
import { BUNDLE_PATH, updateBundle } from '../../build/bundle.ts'
import { runTool, ToolError } from '../../build/command-line.ts'
import { cloneNode, TEMPLATE_NAME } from '../../build/node-folders.ts'
import { connectedAfter, type NodeOutput } from '../../build/node-output.ts'
import { NodeProcess } from '../../build/node-process.ts'
import { REPOSITORY } from '../../build/repository.ts'
import { waitUntil } from '../helpers/wait-until.ts'

const FOLDER = 'docs/pictures'

const HELP = `
npm run pictures   makes the pictures of the docs in ${FOLDER}, from programs that really run

They run in a network namespace, where their ports are free and no other node joins. Needs Linux, and
Debian's packages chromium-headless-shell, fonts-inter, iproute2 and pngquant.
`

const NODES = 10
const PAIRS = (NODES * (NODES - 1)) / 2
/** The node that is missing in one of the pictures: a known peer, which is always redialed. */
const KILLED = 'node-3'

const DEADLINE_MS = 30_000

/** The page names this font first. */
const FONT_FOLDER = '/usr/share/fonts/opentype/inter'

/** No settings but those of `.env`. */
const ENV: NodeJS.ProcessEnv = { HOME: process.env['HOME'], PATH: process.env['PATH'] }

await runTool({ name: 'pictures', help: HELP, run: pictures })

async function pictures(): Promise<number> {
  requirePrograms()
  await updateBundle()
  mkdirSync(join(REPOSITORY, FOLDER), { recursive: true })
  const root = mkdtempSync(join(tmpdir(), 'fullmesh-pictures-'))
  try {
    makeNodes(root)
    await picturesOfPage(root)
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
  return 0
}

function requirePrograms(): void {
  const hasQuantizer = spawnSync('pngquant', ['--version']).status === 0
  if (browserProgram() !== undefined && existsSync(FONT_FOLDER) && hasQuantizer) return
  throw new ToolError('apt-get install chromium-headless-shell fonts-inter iproute2 pngquant')
}

function makeNodes(root: string): void {
  const folder = join(root, TEMPLATE_NAME)
  mkdirSync(folder)
  copyFileSync(join(REPOSITORY, BUNDLE_PATH), join(folder, 'index.js'))
  writeFileSync(join(folder, '.env'), 'PORT=4001\n')
  copyFileSync(join(REPOSITORY, 'node-1/known-peers.json'), join(folder, 'known-peers.json'))
  for (let count = 1; count < NODES; count += 1) cloneNode(root)
}

async function picturesOfPage(root: string): Promise<void> {
  const nodes = Array.from({ length: NODES }, (_, index) => runNode(root, `node-${index + 1}`))
  let browser: Browser | undefined
  try {
    await waitUntil(
      () => nodes.every(isConnected),
      () => nodes.flatMap(({ printed }) => printed.map(({ text }) => text)).join('\n'),
    )
    const page = nodes[0]?.printed.find(({ event }) => event?.kind === 'page')?.event
    const url = page?.kind === 'page' ? page.url : ''
    browser = await startBrowser()
    const light = await openPage(browser, url, 'light')
    await light.waitForFunction(isWhole, `${PAIRS} of ${PAIRS} pairs`)
    await shoot(light, 'mesh-light.png')

    const dark = await openPage(browser, url, 'dark')
    nodes.find(({ name }) => name === KILLED)?.node.kill()
    await dark.waitForFunction(isBackingOff)
    await shoot(dark, 'mesh-dark.png')
  } finally {
    await browser?.close()
    for (const { node } of nodes) node.stop()
    await Promise.all(nodes.map(({ node }) => node.ended))
  }
}

function isConnected({ printed }: { readonly printed: readonly NodeOutput[] }): boolean {
  const counts = printed.map(({ event }) => connectedAfter(event))
  return counts.findLast((count) => count !== undefined) === NODES - 1
}

function runNode(root: string, name: string) {
  const printed: NodeOutput[] = []
  const onOutput = (output: NodeOutput): void => void printed.push(output)
  return { name, printed, node: new NodeProcess({ folder: join(root, name), env: ENV, onOutput }) }
}

async function openPage(browser: Browser, url: string, colorScheme: 'light' | 'dark') {
  const viewport = { width: 1280, height: 800 }
  const look = { viewport, colorScheme, reducedMotion: 'reduce' } as const
  const page = await (await browser.newContext(look)).newPage()
  page.setDefaultTimeout(DEADLINE_MS)
  await page.goto(url)
  return page
}

/** Runs in the page: both ends of all connections have reported them, and their round trips. */
function isWhole(figure: string): boolean {
  const text = document.body.textContent
  return text.includes(figure) && /Median round trip\s*\d/.test(text)
}

/** Runs in the page: the next attempt is at least 4 seconds away. */
function isBackingOff(): boolean {
  return /retry in ([4-9]|\d\d) s/.test(document.querySelector('tr.problem')?.textContent ?? '')
}

async function shoot(page: Page, name: string): Promise<void> {
  const path = join(REPOSITORY, FOLDER, name)
  await page.screenshot({ path, fullPage: true })
  // 256 colours are enough, and a third of the bytes.
  const args = ['--force', '--strip', '--speed=1', '--output', path, path]
  if (spawnSync('pngquant', args).status !== 0) throw new ToolError(`pngquant failed for ${name}`)
  console.log(`made ${FOLDER}/${name}`)
}
