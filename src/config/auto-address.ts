/** ADDRESS with `auto` in place of a host and a port: the program finds the IP. */

/** Its IP is that of the default route of this machine, its port is PORT. */
export type AutoAddress = 'ws://auto' | 'wss://auto'

/** `auto` alone is `ws://auto`. Undefined for any other text. */
export function parseAutoAddress(text: string): AutoAddress | undefined {
  const canonical = text.toLowerCase().replace(/\/$/, '')
  if (canonical === 'auto' || canonical === 'ws://auto') return 'ws://auto'
  return canonical === 'wss://auto' ? canonical : undefined
}
