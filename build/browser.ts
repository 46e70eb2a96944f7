/** A real browser, for tests and pictures: Debian's chromium, driven by playwright-core. */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

/** On Debian the one without windows, which takes a third of the CPU; then those of Ubuntu. */
const PROGRAMS = ['chromium-headless-shell', 'chromium-browser', 'google-chrome']

/** Without these it requests updates over the network at every start. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
] as const

/** Enough on a busy machine; ava's own timeout is 60 s. */
const START_TIMEOUT_MS = 30_000

export function browserProgram(): string | undefined {
  return PROGRAMS.map((name) => `/usr/bin/${name}`).find((path) => existsSync(path))
}

/**
 * A browser with an empty profile. The caller closes it.
 *
 * @throws when there is none
 */
export async function startBrowser(): Promise<Browser> {
  const executablePath = browserProgram()
  if (executablePath === undefined)
    throw new Error('no chromium: apt-get install chromium-headless-shell')
  return chromium.launch({
    executablePath,
    args: [...FLAGS],
    timeout: START_TIMEOUT_MS,
    // The caller handles the signals, and closes the browser.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  })
}
