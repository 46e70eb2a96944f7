/** The tables and figures of README.md. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeAims } from './aims.ts'
import { drawFigures } from './figures.ts'
import { writeHeadline } from './headline.ts'
import { fillPage } from './page.ts'
import type { Results } from './results.ts'
import { writeTables } from './tables.ts'

const BENCH = import.meta.dirname

/** The files of the report by their paths, and what is in each with these results. */
export function reportOf(results: Results): Readonly<Record<string, string>> {
  const path = join(BENCH, 'README.md')
  const parts = {
    headline: writeHeadline(results),
    aims: writeAims(results),
    tables: writeTables(results),
  }
  const figures = Object.entries(drawFigures(results))
  return {
    [path]: fillPage(readFileSync(path, 'utf8'), parts),
    ...Object.fromEntries(figures.map(([name, text]) => [join(BENCH, 'results', name), text])),
  }
}
