/**
 * A status as lines for people: the node, a row for each other node, and the summary. Pure. Text is
 * escaped again, since any program may answer on a port.
 */

import type { OwnStatus, PeerStatus, SourceStatus, Status } from '../../http/status.ts'
import { type Style, styled, timeOfDay } from '../../log/log.ts'
import { printable } from '../../log/printable.ts'

export interface TableOptions {
  /** How long a line may be; infinite in a pipe. */
  readonly columns: number
  /** How many lines there may be; infinite where they can scroll. */
  readonly lines: number
  readonly coloured: boolean
  readonly now: Date
}

/** Lays out a status. Counts the rows that do not fit. */
export function statusTable(status: Status, options: TableOptions): readonly string[] {
  const { columns, lines, coloured, now } = options
  const { address, data, mesh, version, runtime, startedAt } = status.node
  const facts = [`mesh ${mesh}`, version, runtime, `since ${momentOf(startedAt, now)}`]
  const title = `${address}  ${[...facts, ...dataText(data)].join(', ')}`
  const paint = (style: Style | undefined, text: string) =>
    styled(coloured ? style : undefined, text)
  const all = status.peers.map((peer) => rowOf(peer, now))
  const widths = widthsOf(all, columns)
  const hasData = all.some(({ cells }) => cells.length > HEADINGS.length)
  const names = hasData ? [...HEADINGS, 'data'] : HEADINGS
  const headings = all.length === 0 ? [] : [paint('dim', lineOf(names, widths, columns))]
  const head = [cut(printable(title), columns), '', ...headings]
  const summary = cut(printable(status.summary), columns)
  const foot = [
    '',
    ...linesWithoutMessages(status.peers, columns),
    ...lineOfCertificate(status, now, columns),
    ...linesOfKeys(status.keys ?? [], columns),
    ...lineOfMode(status.unproven, columns),
    ...status.sources.map((source) => cut(printable(sourceLine(source, now)), columns)),
    paint(status.complete ? 'green' : 'yellow', summary),
  ]
  const room = lines - head.length - foot.length
  const shown = all.length <= room ? all : all.slice(0, Math.max(0, room - 1))
  const rows = shown.map(({ style, cells }) => paint(style, lineOf(cells, widths, columns)))
  const more = all.length - shown.length
  return [...head, ...rows, ...(more > 0 ? [`… and ${more} more`] : []), ...foot]
}

/** A line that names the nodes that get no messages, if others do. */
function linesWithoutMessages(peers: readonly PeerStatus[], columns: number): readonly string[] {
  const linked = peers.filter(({ link }) => link !== null)
  const without = linked.filter(({ link }) => link?.messages === false)
  if (without.length === 0 || without.length === linked.length) return []
  const names = without.map(({ address }) => address).join(', ')
  return [cut(printable(`carry no messages: ${names}`), columns)]
}

/** A line while nodes without the secret are connected as well: whether that may end. */
function lineOfMode(unproven: number | null, columns: number): readonly string[] {
  if (unproven === null) return []
  const count = unproven === 1 ? '1 connection has' : `${unproven} connections have`
  return [cut(`SECRET_MODE=accept protects nothing: ${count} not proven the secret`, columns)]
}

/** A line when the node encrypts, or a peer does: how many connections are, and until when. */
function lineOfCertificate({ node, peers }: Status, now: Date, columns: number): readonly string[] {
  const { certificate } = node
  const linked = peers.filter(({ link }) => link !== null)
  const encrypted = linked.filter(({ link }) => link?.encrypted === true).length
  if (certificate === null && encrypted === 0) return []
  const count = `encrypted: ${encrypted} of ${linked.length} connections`
  if (certificate === null) return [cut(count, columns)]
  const { sha256, expiresAt } = certificate
  const days = Math.floor((Date.parse(expiresAt) - now.getTime()) / DAY_MS)
  const rest = days < 0 ? 'has expired' : `expires in ${days} d`
  return [cut(printable(`${count}; certificate ${sha256.slice(0, 8)} ${rest}`), columns)]
}

/** A line for each key, while there are several: which of them may be removed. */
function linesOfKeys(keys: NonNullable<Status['keys']>, columns: number): readonly string[] {
  if (keys.length < 2) return []
  const of = keys.reduce((sum, { links }) => sum + links, 0)
  return keys.map(({ key, links }) => {
    return cut(printable(`key ${key}: ${links} of ${of} connections`), columns)
  })
}

function sourceLine({ source, answeredAt, found, problem }: SourceStatus, now: Date): string {
  if (answeredAt === null) return `${source}  no answer yet`
  const answer = problem ?? (found === 1 ? '1 address' : `${found} addresses`)
  return `${source}  ${momentOf(answeredAt, now)} ${answer}`
}

interface Row {
  /** A cell for each heading, perhaps one for data; or two and a text that replaces the rest. */
  readonly cells: readonly string[]
  readonly style: Style | undefined
}

const HEADINGS = ['address', 'state', 'by', 'since', 'trip', 'runtime', 'code']

/** Where the cells for a link begin. */
const LINK_COLUMN = 2

const RUNTIME_COLUMN = HEADINGS.indexOf('runtime')

const GAP = '  '

function rowOf({ address, state, link, retryInMs, lastEnding }: PeerStatus, now: Date): Row {
  const start = [address, state.replace('-', ' ')]
  if (state === 'connected' && link !== null) {
    const { data, dialedBy, since, roundTripMs, runtime, sameCode } = link
    const trip = roundTripMs === null ? '-' : durationOf(roundTripMs)
    const code = sameCode === null ? '-' : sameCode ? 'same' : 'other'
    const facts = [dialedBy, momentOf(since, now), trip, runtime ?? '-', code]
    const cells = [...start, ...facts, ...dataText(data)]
    return { cells: cells.map(printable), style: sameCode === false ? 'yellow' : undefined }
  }
  const reasons = [
    ...(retryInMs === null ? [] : [`next try in ${durationOf(retryInMs)}`]),
    ...(lastEnding === null ? [] : [`${momentOf(lastEnding.at, now)} ${lastEnding.text}`]),
  ]
  const cells = [...start, reasons.join('; ')]
  return { cells: cells.map(printable), style: state === 'gone' ? 'dim' : 'yellow' }
}

/** What a node tells of itself, `name=anna role=worker`, if anything. */
function dataText(data: OwnStatus['data']): readonly string[] {
  const entries = Object.entries(data).map(([key, value]) => {
    return `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`
  })
  return entries.length === 0 ? [] : [entries.join(' ')]
}

/** The narrowest widths that cut nothing; on a narrow terminal cuts addresses, then runtimes. */
function widthsOf(rows: readonly Row[], columns: number): readonly number[] {
  const widths = HEADINGS.map((heading, column) => {
    const lengths = rows.map(({ cells }) => {
      const isText = column >= LINK_COLUMN && cells.length < HEADINGS.length
      return isText ? 0 : (cells[column]?.length ?? 0)
    })
    // Not spread into Math.max: an answer may have more rows than a call can have arguments.
    return lengths.reduce((longest, length) => Math.max(longest, length), heading.length)
  })
  const dataChars = rows.reduce(
    (most, { cells }) => Math.max(most, cells[widths.length]?.length ?? 0),
    0,
  )
  const room = columns - Math.min(dataChars, DATA_CHARS_LEAST) - (dataChars > 0 ? GAP.length : 0)
  for (const [column, least] of [
    [0, ADDRESS_CHARS_LEAST],
    [RUNTIME_COLUMN, RUNTIME_CHARS_LEAST],
  ] as const) {
    const total = widths.reduce((sum, width) => sum + width, GAP.length * (widths.length - 1))
    const width = widths[column] ?? 0
    widths[column] = Math.max(Math.min(width, least), width - Math.max(0, total - room))
  }
  return widths
}

/** Room for the whole of `ws://localhost:4001`. */
const ADDRESS_CHARS_LEAST = 19

/** Room for `name=anna role=worker`; what is longer is cut at the end of the line. */
const DATA_CHARS_LEAST = 24

/** `Node.js…` still names the runtime. */
const RUNTIME_CHARS_LEAST = 8

function lineOf(cells: readonly string[], widths: readonly number[], columns: number): string {
  const padded = cells.map((cell, column) => {
    if (column === cells.length - 1 && cells.length !== HEADINGS.length) return cell
    const width = widths[column] ?? 0
    return (column === 0 ? cutMiddle(cell, width) : cut(cell, width)).padEnd(width)
  })
  return cut(padded.join(GAP).trimEnd(), columns)
}

/** Local time of the day, or how many days ago it was. */
function momentOf(iso: string, now: Date): string {
  const at = new Date(iso)
  const days = Math.floor((now.getTime() - at.getTime()) / DAY_MS)
  return days < 1 ? timeOfDay(at) : `${days} d ago`
}

const DAY_MS = 24 * 60 * 60 * 1000

function durationOf(ms: number): string {
  return ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`
}

function cut(text: string, columns: number): string {
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`
}

/** Keeps the end, where an address has its port. */
function cutMiddle(text: string, columns: number): string {
  if (text.length <= columns) return text
  const tail = Math.min(PORT_CHARS, Math.max(0, columns - 1))
  return `${text.slice(0, columns - tail - 1)}…${text.slice(text.length - tail)}`
}

/** `:65535`. */
const PORT_CHARS = 6
