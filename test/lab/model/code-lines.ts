/** Where the code of a story is: found by its text, so that no line number can be out of date. */

import { ToolError } from '../../../build/command-line.ts'
import type { Story } from './stories.ts'

/**
 * The line numbers of the code of each story, from 1.
 *
 * @throws {ToolError} when a text is not on exactly one line of its file
 */
export function codeLines(
  stories: readonly Story[],
  read: (path: string) => string,
): readonly (readonly number[])[] {
  return stories.map(({ code }) =>
    code.map(({ file, text }) => {
      const lines = read(file).split('\n')
      const found = [...lines.keys()].filter((index) => lines[index]?.includes(text))
      const [line] = found
      if (line !== undefined && found.length === 1) return line + 1
      throw new ToolError(
        `test/lab/model/stories.ts: '${text}' is on ${found.length} lines of ${file}: name text of one`,
      )
    }),
  )
}
