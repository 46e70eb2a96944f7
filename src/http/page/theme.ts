/** Colours as the system has them, light, or dark: kept in the browser. */

import type { Theme } from './state.ts'

const THEMES: readonly Theme[] = ['auto', 'light', 'dark']

const STORED = 'fullmesh-theme'

export function storedTheme(): Theme {
  const stored = attempt(() => localStorage.getItem(STORED))
  return THEMES.find((theme) => theme === stored) ?? 'auto'
}

/** The one after this, which the page has from now on. */
export function themeAfter(theme: Theme): Theme {
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto'
  attempt(() => localStorage.setItem(STORED, next))
  return next
}

/** A browser can forbid pages to keep anything. */
function attempt<T>(action: () => T): T | undefined {
  try {
    return action()
  } catch {
    return undefined
  }
}
