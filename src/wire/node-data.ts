/** What a node tells of itself: a JSON object, which is kept as text. */

import type { Json } from './feed-messages.ts'
import { byteLength } from './topic.ts'

/** A JSON object such as `{ role: 'worker', name: 'anna' }`. */
export type NodeData = { readonly [key: string]: Json }

/**
 * The most bytes of what a node tells of itself, as JSON in UTF-8.
 *
 * Larger: 1,000 peers, and every status that shows them, take as many kilobytes more. Smaller: a
 * name, a role and a few addresses do not fit.
 */
export const NODE_DATA_BYTES_MAX = 1_024

/** The text of a node that tells nothing. */
export const NO_DATA = '{}'

/** The text of a value, or what is wrong with it: `problem` follows "which". */
export type EncodedNodeData =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'no-object' | 'too-large'; readonly problem: string }

/** Never throws. */
export function encodeNodeData(value: unknown): EncodedNodeData {
  let text: string | undefined
  try {
    // Undefined for what JSON has no text for, whatever its type says.
    text = JSON.stringify(value)
  } catch (error) {
    // A RangeError: nested too deeply for the stack, which takes far more bytes than there may be.
    if (error instanceof RangeError) return { kind: 'too-large', problem: TOO_LARGE }
  }
  if (text?.startsWith('{') !== true) return { kind: 'no-object', problem: 'is not a JSON object' }
  const bytes = byteLength(text)
  if (bytes <= NODE_DATA_BYTES_MAX) return { kind: 'text', text }
  return { kind: 'too-large', problem: `${TOO_LARGE}: ${bytes}` }
}

/** The object of a text that was encoded before. A new one at each call. */
export function parseNodeData(text: string): NodeData {
  // All that JSON.parse gives is JSON, and the text begins with a brace.
  return text === NO_DATA ? {} : (JSON.parse(text) as NodeData)
}

const TOO_LARGE = `has more than ${NODE_DATA_BYTES_MAX} bytes as JSON`
