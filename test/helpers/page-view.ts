/** What the page of a node shows, for tests with mocks and with real nodes. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { waitUntil } from './wait-until.ts'

/** The page at one moment. */
export interface PageView {
  readonly title: string
  /** The text of the pill, what is wrong, and the figures by their labels. */
  readonly summary: string
  readonly problems: readonly string[]
  readonly figures: Readonly<Record<string, string>>
  /** `complete`, `incomplete`, `unreachable`, `mismatch`, or `waiting` for the first status. */
  readonly state: string
  /** By address: `own`, `connected`, `attempting`, `backing-off` or `gone`. */
  readonly nodes: Readonly<Record<string, string>>
  /** How many lines of each kind are drawn: `own`, `mutual`, `half`, `missing`, `absent`. */
  readonly lines: Readonly<Record<string, number>>
  /** Lines that are connections. */
  readonly standing: number
  /** Activity, the newest first, without times. */
  readonly log: readonly string[]
}

/** Short against the second within which a page shows a change; to look keeps it from drawing. */
const PAUSE_MS = 50

/** Reads the page. */
export async function look(page: Page): Promise<PageView> {
  const seen = await page.evaluate(async () => {
    const told = () => `${document.title} ${document.body.dataset['state']}`
    // These change at once, all else with the next frame: they are read when both are the same.
    let before: string
    do {
      before = told()
      await new Promise((resolve) => requestAnimationFrame(resolve))
    } while (told() !== before)
    return {
      title: document.title,
      summary: document.querySelector('#summary')?.textContent ?? '',
      problems: [...document.querySelectorAll('#problems li')].map(
        (item) => item.textContent ?? '',
      ),
      figures: [...document.querySelectorAll('#glance dl div')].map((figure) => [
        figure.querySelector('dt')?.textContent ?? '',
        figure.querySelector('dd')?.textContent ?? '',
      ]),
      state: document.body.dataset['state'] ?? '',
      nodes: [...document.querySelectorAll<SVGElement>('.node[data-address]')].map((node) => [
        node.dataset['address'] ?? '',
        node.getAttribute('class')?.split(' ')[1] ?? '',
      ]),
      lines: [...document.querySelectorAll('div.circle > .lines > g')].map(
        (group): [string, number] => [
          group.getAttribute('class') ?? '',
          [...group.children].reduce(
            (sum, path) => sum + (path.getAttribute('d')?.match(/M/g)?.length ?? 0),
            0,
          ),
        ],
      ),
      log: [...document.querySelectorAll('#log li .text')].map((line) => line.textContent ?? ''),
    }
  })
  const lines: Record<string, number> = {}
  for (const [kind, count] of seen.lines) lines[kind] = (lines[kind] ?? 0) + count
  const standing = (lines['own'] ?? 0) + (lines['mutual'] ?? 0) + (lines['half'] ?? 0)
  const [nodes, figures] = [Object.fromEntries(seen.nodes), Object.fromEntries(seen.figures)]
  return { ...seen, nodes, figures, lines, standing }
}

/**
 * Waits until the page shows what is expected, and gives what it shows then.
 *
 * @param withinMs default: as long as {@link waitUntil} waits
 */
export async function seeUntil(
  page: Page,
  isExpected: (view: PageView) => boolean,
  withinMs?: number,
): Promise<PageView> {
  let view = await look(page)
  await waitUntil(
    async () => {
      view = await look(page)
      if (isExpected(view)) return true
      await delay(PAUSE_MS)
      return false
    },
    () => `the page shows ${JSON.stringify(view)}`,
    withinMs,
  )
  return view
}
