/** Parses `.env` into keys and values, as dotenv does. */

import { parse } from 'dotenv'

export interface EnvFile {
  /** Without quotes; empty when there is none. The last line of a key counts. */
  readonly values: ReadonlyMap<string, string>
  /** The keys that several lines set. */
  readonly repeated: ReadonlySet<string>
  /** Lines of two words or more, `PORT 4001`, by the first. They set nothing. */
  readonly unassigned: ReadonlyMap<string, string>
}

/**
 * A key at the start of a line, with its value where that is in quotes: dotenv lets such a value
 * span lines, and those set nothing.
 */
const KEY =
  /^[^\S\r\n]*(?:export\s+)?(?<key>[\w.-]+)(?:\s*=|:\s)(?:\s*(?<quote>['"`])(?:\\\k<quote>|(?!\k<quote>)[\s\S])*\k<quote>)?/gm

const UNASSIGNED = /^[^\S\r\n]*(?:export\s+)?(?<line>(?<key>[\w.-]+)[^\S\r\n]+[^\s=:#][^\r\n=]*)$/gm

/** Never throws. */
export function parseEnvFile(text: string): EnvFile {
  const values = new Map(Object.entries(parse(text)))
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { groups } of text.matchAll(KEY)) {
    const key = groups?.['key'] ?? ''
    if (seen.has(key)) repeated.add(key)
    seen.add(key)
  }
  const lines = [...text.matchAll(UNASSIGNED)].map(
    ({ groups }) => [groups?.['key'] ?? '', groups?.['line']?.trim() ?? ''] as const,
  )
  return { values, repeated, unassigned: new Map(lines) }
}
