/** What a decoded body takes in memory. */

import type { Json } from '../wire/feed-messages.ts'
import type { Body } from '../wire/request-messages.ts'
import { CONTAINER_CHARS, PART_CHARS } from './limits.ts'

/** What it takes besides the characters of its text. An estimate. */
export function weightOf(body: Body): number {
  return body.kind === 'bytes' ? 0 : weightIn(body.value)
}

function weightIn(value: Json): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts: readonly Json[] = Array.isArray(value) ? value : Object.values(value)
  let weight = CONTAINER_CHARS + parts.length * PART_CHARS
  for (const part of parts) weight += weightIn(part)
  return weight
}
