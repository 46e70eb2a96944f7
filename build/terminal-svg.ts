/** Lines of a terminal with their colours as an SVG of text. Pure. */

import { stripVTControlCharacters } from 'node:util'

/** The sequences that `styleText` writes (ECMA-48 §8.3.117), for what our programs use. */
const SEQUENCE = new RegExp(`${'\u001b'}\\[(\\d+)m`)

/** Up to the end, or to two spaces: SVG joins spaces. */
const WORDS = /\S+(?: \S+)*/g

const COLOURS: Readonly<Record<string, string>> = {
  31: '#ff8a80',
  32: '#8fd98f',
  33: '#f2cc60',
  34: '#82aaff',
  35: '#d7a6f5',
  36: '#7fd6e0',
}
const WEIGHTS: Readonly<Record<string, string>> = {
  1: ' font-weight="bold"',
  2: ' fill-opacity="0.6"',
  22: '',
}
const DEFAULT_COLOUR = '#e6ebf2'
const GROUND = '#161b22'

/** In the units of the picture. Every monospaced font is as wide as this, or a little less. */
const COLUMN_WIDTH = 8.43
const LINE_HEIGHT = 20
const FONT_SIZE = 14
const MARGIN = 18

/** The picture. `title` is its description in words. */
export function terminalSvg(lines: readonly string[], title: string): string {
  const lengths = lines.map((line) => stripVTControlCharacters(line).trimEnd().length)
  const width = Math.ceil(Math.max(...lengths) * COLUMN_WIDTH + 2 * MARGIN)
  const height = lines.length * LINE_HEIGHT + 2 * MARGIN
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    ...lines.flatMap(textsOf),
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** A text ends where the colour changes, and at the end of a table cell: each has its column. */
function textsOf(line: string, row: number): readonly string[] {
  const y = MARGIN + row * LINE_HEIGHT + FONT_SIZE
  let colour = DEFAULT_COLOUR
  let weight = ''
  let column = 0
  return line.split(SEQUENCE).flatMap((part, index) => {
    // Text and codes alternate.
    if (index % 2 === 1) {
      if (part === '0' || part === '22') weight = ''
      else weight += WEIGHTS[part] ?? ''
      if (WEIGHTS[part] === undefined) colour = COLOURS[part] ?? DEFAULT_COLOUR
      return []
    }
    const start = column
    column += part.length
    return [...part.matchAll(WORDS)].map(({ 0: words, index: at }) => {
      const x = (MARGIN + (start + at) * COLUMN_WIDTH).toFixed(1)
      return `<text x="${x}" y="${y}" fill="${colour}"${weight}>${escaped(words)}</text>`
    })
  })
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
