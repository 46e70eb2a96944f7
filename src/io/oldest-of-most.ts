/** Which connection makes room for another one. */

/** Of these, oldest first: the oldest of the host that has most of them. */
export function oldestOfMost<Item>(
  entries: ReadonlyMap<Item, { readonly host: string | undefined }>,
): Item | undefined {
  const counts = new Map<string | undefined, number>()
  for (const { host } of entries.values()) counts.set(host, (counts.get(host) ?? 0) + 1)
  const most = Math.max(...counts.values())
  return [...entries].find(([, { host }]) => counts.get(host) === most)?.[0]
}
