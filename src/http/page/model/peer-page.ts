/** The page of a peer: the same host and port, by HTTP. Any peer can claim any address. */
export function pageOf(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined
  const { protocol, host, pathname } = new URL(address)
  if (protocol !== 'ws:' && protocol !== 'wss:') return undefined
  return `${protocol === 'ws:' ? 'http' : 'https'}://${host}${pathname.replace(/\/?$/, '/')}`
}
