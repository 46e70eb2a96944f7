/** Lines of a terminal with their colours as an SVG of text. Pure. */

/** The sequences that `styleText` writes (ECMA-48 §8.3.117), for what our programs use. */
const SEQUENCE = new RegExp(`${'\u001b'}\\[(\\d+)m`)

/** Up to the end, or to two spaces: SVG makes one of them. */
const WORDS = /\S+(?: \S+)*/g

const COLOURS: Readonly<Record<string, string>> = {
  31: '#ff8a80',
  32: '#8fd98f',
  33: '#f2cc60',
  34: '#82aaff',
  35: '#d7a6f5',
  36: '#7fd6e0',
}
const DEFAULT_COLOUR = '#e6ebf2'
const GROUND = '#161b22'

/** In the units of the picture. Every monospaced font is as wide as this, or a little less. */
const COLUMN_WIDTH = 8.43
const LINE_HEIGHT = 20
const FONT_SIZE = 14
const MARGIN = 18

interface Run {
  readonly text: string
  readonly column: number
  readonly colour: string
  readonly isBold: boolean
  readonly isDim: boolean
}

/** The picture. `title` says in words what it shows. */
export function terminalSvg(lines: readonly string[], title: string): string {
  const rows = lines.map(runsOf)
  const columns = Math.max(
    ...rows.map((runs) => {
      const last = runs.at(-1)
      return last === undefined ? 0 : last.column + last.text.length
    }),
  )
  const width = Math.ceil(columns * COLUMN_WIDTH + 2 * MARGIN)
  const height = rows.length * LINE_HEIGHT + 2 * MARGIN
  const texts = rows.flatMap((runs, row) => runs.map((run) => textOf(run, row)))
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="${GROUND}"/>`,
    `<g font-family="ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${FONT_SIZE}">`,
    ...texts,
    '</g>',
    '</svg>',
  ].join('\n')}\n`
}

/** A run ends where the colour changes, and at the end of a cell of a table. */
function runsOf(line: string): readonly Run[] {
  const runs: Run[] = []
  let look = { colour: DEFAULT_COLOUR, isBold: false, isDim: false }
  let column = 0
  // Text and numbers of sequences take turns.
  for (const [index, part] of line.split(SEQUENCE).entries()) {
    if (index % 2 === 1) look = { ...look, ...changeBy(part) }
    else {
      for (const { 0: text, index: at } of part.matchAll(WORDS)) {
        runs.push({ text, column: column + at, ...look })
      }
      column += part.length
    }
  }
  return runs
}

function changeBy(code: string): Partial<Run> {
  if (code === '0') return { colour: DEFAULT_COLOUR, isBold: false, isDim: false }
  if (code === '1') return { isBold: true }
  if (code === '2') return { isDim: true }
  if (code === '22') return { isBold: false, isDim: false }
  return { colour: COLOURS[code] ?? DEFAULT_COLOUR }
}

/** Each begins at its column, so that tables stay aligned in any font. */
function textOf({ text, column, colour, isBold, isDim }: Run, row: number): string {
  const x = (MARGIN + column * COLUMN_WIDTH).toFixed(1)
  const y = MARGIN + row * LINE_HEIGHT + FONT_SIZE
  const bold = isBold ? ' font-weight="bold"' : ''
  const dim = isDim ? ' fill-opacity="0.6"' : ''
  return `<text x="${x}" y="${y}" fill="${colour}"${bold}${dim}>${escaped(text)}</text>`
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
