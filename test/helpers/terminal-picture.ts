/** What a terminal shows after it was sent this: enough of ECMA-48 for what our programs send. */

const ESCAPE = '\u001b'
const SEQUENCE = new RegExp(`${ESCAPE}\\[([\\d;?]*)([A-Za-z])`, 'y')

/** The lines, without those that are empty at the end. */
export function pictureOf(sent: string): readonly string[] {
  const lines: string[] = ['']
  let row = 0
  let column = 0
  const cut = (): void => {
    lines[row] = (lines[row] ?? '').slice(0, column)
  }
  for (let at = 0; at < sent.length; at += 1) {
    SEQUENCE.lastIndex = at
    const sequence = SEQUENCE.exec(sent)
    const character = sent.charAt(at)
    if (sequence !== null) {
      const [all, count, kind] = sequence
      at += all.length - 1
      if (kind === 'A') row = Math.max(0, row - Number(count || 1))
      if (kind === 'K' || kind === 'J') cut()
      if (kind === 'J') lines.length = row + 1
    } else if (character === '\r') {
      column = 0
    } else if (character === '\n') {
      // A terminal makes both of it: stty onlcr.
      column = 0
      row += 1
      lines[row] ??= ''
    } else {
      const line = (lines[row] ?? '').padEnd(column)
      lines[row] = line.slice(0, column) + character + line.slice(column + 1)
      column += 1
    }
  }
  while (lines.length > 0 && lines.at(-1) === '') lines.pop()
  return lines
}
