/** Numbers, times and lists as text. Pure: the time now is an argument. */

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** For what is unknown or does not apply. */
export const NOTHING = '–'

/** Names in a sentence before `and 7 more`. */
const NAMES_MAX = 3

/** A length of time: `12 s`, `3 min`, `5 h`, `2 days`. */
export function duration(ms: number): string {
  const rest = Math.max(ms, 0)
  if (rest < MINUTE_MS) return `${Math.floor(rest / SECOND_MS)} s`
  if (rest < HOUR_MS) return `${Math.floor(rest / MINUTE_MS)} min`
  if (rest < 2 * DAY_MS) return `${Math.floor(rest / HOUR_MS)} h`
  return `${Math.floor(rest / DAY_MS)} days`
}

/** The rest of a wait: never 0 s before it is over. */
export function countdown(ms: number): string {
  return duration(Math.ceil(Math.max(ms, 0) / SECOND_MS) * SECOND_MS)
}

/** How long ago a time was: `now`, `12 s ago`. Empty for what is not a time. */
export function ago(iso: string, nowMs: number): string {
  const atMs = Date.parse(iso)
  if (Number.isNaN(atMs)) return ''
  return nowMs - atMs < NOW_MS ? 'now' : `${duration(nowMs - atMs)} ago`
}

const NOW_MS = 2 * SECOND_MS

/** A time, relative and absolute: `3 min ago (14:02:09)`. Empty for what is not a time. */
export function timeAgo(iso: string, nowMs: number): string {
  const atMs = Date.parse(iso)
  return Number.isNaN(atMs) ? '' : `${duration(nowMs - atMs)} ago (${clock(iso, nowMs)})`
}

/** The local time of the reader, with the date unless it is today. */
export function clock(iso: string, nowMs: number): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return ''
  const time = [at.getHours(), at.getMinutes(), at.getSeconds()].map(twoDigits).join(':')
  if (at.toDateString() === new Date(nowMs).toDateString()) return time
  const date = [at.getFullYear(), at.getMonth() + 1, at.getDate()].map(twoDigits).join('-')
  return `${date} ${time}`
}

/** A round-trip time: `0.4 ms`, `12 ms`. */
export function milliseconds(ms: number): string {
  return ms > 0 && ms < 10 ? `${Number(ms.toFixed(1))} ms` : `${Math.round(ms)} ms`
}

/**
 * `a`, `a and b`, `a, b, c and 4 more`.
 *
 * @param total how many there are: of many, `namesMax` names suffice
 */
export function listed(
  names: readonly string[],
  namesMax = NAMES_MAX,
  total = names.length,
): string {
  if (total <= 1) return names[0] ?? ''
  const shown = total > namesMax ? names.slice(0, namesMax) : names.slice(0, -1)
  const last = total > namesMax ? `${total - shown.length} more` : (names.at(-1) ?? '')
  return `${shown.join(', ')} and ${last}`
}

/** `1 line`, `2 lines`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
