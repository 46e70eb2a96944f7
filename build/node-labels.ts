/** The name of a node before each line of its output, in the node's colour. */

import { styleText } from 'node:util'

const COLOURS = ['cyan', 'yellow', 'magenta', 'green', 'blue', 'red'] as const

/** Labels of one width for these names: `node-1  | `. */
export function nodeLabels(names: readonly string[], colour: boolean): Map<string, string> {
  const width = Math.max(...names.map((name) => name.length))
  return new Map(
    names.map((name, index) => {
      const label = `${name.padEnd(width)} |`
      const style = COLOURS[index % COLOURS.length] ?? 'cyan'
      return [name, `${colour ? styleText(style, label, { validateStream: false }) : label} `]
    }),
  )
}
