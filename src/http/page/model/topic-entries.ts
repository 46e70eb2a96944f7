/** What events of a followed pattern say. Pure. */

/** A message, or a place where messages are missing. */
export type TopicEntry = Message | Gap

interface Message {
  readonly kind: 'message'
  readonly key: string
  readonly topic: string
  readonly body: string
  /** The address of its sender, if that is known. */
  readonly from: string | null
  /** When it was published, by the clock of the reader. */
  readonly atMs: number
  /** How long it was on its way, in ms, when it came later than it should. */
  readonly lateMs: number
}

interface Gap {
  readonly kind: 'gap'
  readonly key: string
  readonly from: string | null
  readonly count: number
}

/** Older ones are left out. */
export const ENTRIES_MAX = 200

/** A message that is younger when it comes was not delayed, in ms. */
const LATE_MS = 2000

/**
 * The entries with one more. A stream that is connected again repeats gaps, which can have grown
 * meanwhile.
 */
export function added(entries: readonly TopicEntry[], entry: TopicEntry): readonly TopicEntry[] {
  if (!entries.some(({ key }) => key === entry.key)) {
    return [...entries.slice(1 - ENTRIES_MAX), entry]
  }
  if (entry.kind === 'message') return entries
  return entries.map((known) => (known.key === entry.key ? entry : known))
}

/**
 * The message in an event; undefined for an id alone, which has no data. What was published before
 * the reader followed is no late message.
 */
export function messageIn(
  data: unknown,
  { openedMs, nowMs }: { readonly openedMs: number; readonly nowMs: number },
): TopicEntry | undefined {
  const facts = objectIn(data)
  if (typeof facts?.['topic'] !== 'string') return undefined
  const ageMs = Number(facts['ageMs']) || 0
  return {
    kind: 'message',
    key: `message ${facts['feed']} ${facts['seq']}`,
    topic: facts['topic'],
    body: bodyText(facts['body']),
    from: textOrNull(facts['from']),
    atMs: nowMs - ageMs,
    lateMs: ageMs > LATE_MS && nowMs - ageMs >= openedMs ? ageMs : 0,
  }
}

/** The gap in an event. */
export function gapIn(data: unknown): TopicEntry | undefined {
  const facts = objectIn(data)
  if (facts === undefined) return undefined
  const { feed, first, last } = facts
  const count = Number(last) - Number(first) + 1
  return { kind: 'gap', key: `gap ${feed} ${first}`, from: textOrNull(facts['from']), count }
}

function objectIn(text: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(String(text))
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

function bodyText(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body)
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
