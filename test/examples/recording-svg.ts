/** What terminals showed, each text at its time, as an animated SVG. Pure. */

/** Text that a terminal got at one moment, with `\n` at the ends of lines. */
export interface Chunk {
  readonly atMs: number
  readonly text: string
  /** Whether a person typed it; else a program printed it. */
  readonly isTyped: boolean
}

/** Text at its place. */
interface Piece extends Chunk {
  readonly row: number
  readonly column: number
}

/** Longer pauses are cut, in ms: nobody waits for a program to start. */
export const PAUSE_MS_MAX = 1_200

/** Before the first text, and after the last one, in ms. */
const START_MS = 600
export const END_MS = 5_000

const TYPED_COLOUR = '#f5f7fa'
const PRINTED_COLOUR = '#a9b8c9'
const GROUND = '#161b22'

/** In the units of the picture. Every monospaced font is as wide as this, or a little less. */
export const COLUMN_WIDTH = 7.23
export const LINE_HEIGHT = 18
const FONT_SIZE = 12
export const MARGIN = 14
const GAP = 8

/**
 * The terminals side by side. Plays again and again; without animation, and where less motion is
 * wanted, it shows the end.
 *
 * @param title its description in words
 */
export function recordingSvg(terminals: readonly (readonly Chunk[])[], title: string): string {
  const pieces = terminals.map(piecesOf)
  const all = pieces.flat()
  const terminalWidth = Math.ceil(
    Math.max(...all.map(({ column, text }) => column + text.length)) * COLUMN_WIDTH + 2 * MARGIN,
  )
  const width = terminals.length * (terminalWidth + GAP) - GAP
  const height = (Math.max(...all.map(({ row }) => row)) + 1) * LINE_HEIGHT + 2 * MARGIN
  const times = [...new Set(all.map(({ atMs }) => atMs))].sort((a, b) => a - b)
  const shown = pieces.map((texts, index) => {
    const left = index * (terminalWidth + GAP)
    return [
      `<rect x="${left}" width="${terminalWidth}" height="${height}" rx="8" fill="${GROUND}"/>`,
      ...texts.map((piece) => textOf(piece, left, times.indexOf(piece.atMs))),
    ].join('\n')
  })
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>\n${styleOf(times)}\n</style>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}" xml:space="preserve">`,
    ...shown,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

function piecesOf(chunks: readonly Chunk[]): readonly Piece[] {
  let row = 0
  let column = 0
  return chunks
    .flatMap((chunk) =>
      chunk.text.split('\n').map((text, line): Piece => {
        if (line > 0) [row, column] = [row + 1, 0]
        const piece = { ...chunk, text, row, column }
        column += text.length
        return piece
      }),
    )
    .filter(({ text }) => text.trim() !== '')
}

function textOf({ row, column, text, isTyped }: Piece, left: number, time: number): string {
  const x = (left + MARGIN + column * COLUMN_WIDTH).toFixed(1)
  const y = MARGIN + row * LINE_HEIGHT + FONT_SIZE
  return `<text class="t${time}" x="${x}" y="${y}" fill="${isTyped ? TYPED_COLOUR : PRINTED_COLOUR}">${escaped(text)}</text>`
}

/** Each time has keyframes of its own: all of them begin again together. */
function styleOf(times: readonly number[]): string {
  let atMs = START_MS
  const shownMs = times.map((time, index) => {
    atMs += Math.min(time - (times[index - 1] ?? time), PAUSE_MS_MAX)
    return atMs
  })
  const loopMs = atMs + END_MS
  return [
    '@media (prefers-reduced-motion: no-preference) {',
    `text { animation: ${loopMs / 1000}s step-end infinite }`,
    ...shownMs.map((ms, index) => {
      const part = ((100 * ms) / loopMs).toFixed(2)
      return `.t${index} { animation-name: t${index} } @keyframes t${index} { 0% { opacity: 0 } ${part}% { opacity: 1 } }`
    }),
    '}',
  ].join('\n')
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
