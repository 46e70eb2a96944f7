/**
 * A real browser for tests of the page (build/browser.ts). What a page must never do is watched
 * from its first moment on.
 */

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { ExecutionContext } from 'ava'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { startBrowser } from '../../build/browser.ts'

const DESKTOP = { width: 1280, height: 900 } as const

/** A page, and what it did that it should not have done. */
export interface WatchedPage {
  readonly page: Page
  /** Errors and warnings of the console, and exceptions. */
  readonly complaints: readonly string[]
  /** Addresses at other hosts that it asked for anything. */
  readonly foreignRequests: readonly string[]
}

/** What ends the browser: a test, or whatever else has teardowns. */
type Ending = Pick<ExecutionContext, 'teardown'>

let started: Promise<Browser> | undefined

/**
 * The browser of this process, with an empty profile; the first end closes it.
 *
 * @throws when there is none: `npm run test:more` as root on Debian installs it
 */
export async function launchBrowser(t: Ending): Promise<Browser> {
  started ??= startBrowser()
  const browser = await started
  t.teardown(() => browser.close())
  return browser
}

/** Windows that no test uses, by their options: a new one takes a process of the browser. */
const spare = new Map<string, Page[]>()

/** Opens an address in a window that no other test uses, and watches it. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const page = spare.get(JSON.stringify(options))?.pop() ?? (await newWindow(browser, options))
  const complaints: string[] = []
  const foreignRequests: string[] = []
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  const { host } = new URL(url)
  page.on('request', (request) => {
    const { protocol, host: askedHost } = new URL(request.url())
    if (protocol !== 'data:' && askedHost !== host) foreignRequests.push(request.url())
  })
  await page.goto(url)
  return { page, complaints, foreignRequests }
}

async function newWindow(browser: Browser, options: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options })
  return context.newPage()
}

const WATCHED = ['console', 'pageerror', 'request', 'requestfailed', 'response'] as const

/**
 * Leaves a window for another test with the same options, with nothing of this test in it. A test
 * that changes what stays, such as the clock, closes its window before.
 */
export async function leavePage(page: Page, options: BrowserContextOptions = {}): Promise<void> {
  if (page.isClosed()) return
  for (const event of WATCHED) page.removeAllListeners(event)
  await page.unrouteAll({ behavior: 'ignoreErrors' })
  await page.evaluate('localStorage.clear()')
  await page.mouse.move(0, 0)
  await page.goto('about:blank')
  await page.setViewportSize(options.viewport ?? DESKTOP)
  const key = JSON.stringify(options)
  spare.set(key, [...(spare.get(key) ?? []), page])
}

/** What axe-core finds serious or critical, one line each; of colours only, or of all. */
export async function accessibilityFindings(
  { page }: WatchedPage,
  rules: 'all' | 'colours' = 'all',
): Promise<readonly string[]> {
  // Evaluated, not added as a script: the page's own policy forbids that, and rightly.
  if (!(await page.evaluate('typeof axe === "object"'))) await page.evaluate(AXE_TEXT)
  const found: unknown = await page.evaluate(FIND(rules))
  return Array.isArray(found) ? found.map(String) : [`axe-core gave ${found}`]
}

const AXE_TEXT = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** Runs in the page, where axe is a global then. */
const FIND = (rules: 'all' | 'colours'): string => `axe.run(document, {
  resultTypes: ['violations'],
  ${rules === 'colours' ? "runOnly: ['color-contrast', 'link-in-text-block']," : ''}
}).then(({ violations }) =>
  violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 160)).join(' | ')))`
