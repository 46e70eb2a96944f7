/** Topics, such as `a.b.c`. */

/**
 * The most bytes of a topic in UTF-8.
 *
 * Larger: a line of a log does not show it. Smaller: programs shorten names that they have.
 */
export const TOPIC_BYTES_MAX = 255

/** Whether text can be a topic: 1 to 255 bytes, segments that are not empty, no wildcard. */
export function isTopic(text: string): boolean {
  return hasSegments(text) && !/[*>]/.test(text)
}

/**
 * Whether text is made of segments that are not empty. Spaces and control characters would split
 * log lines and URLs.
 */
export function hasSegments(text: string): boolean {
  // Each UTF-16 unit takes at least one byte in UTF-8, so longer text cannot fit.
  if (text.length > TOPIC_BYTES_MAX || /[\s\p{Cc}\p{Cs}]/u.test(text)) return false
  return text.split('.').every((segment) => segment !== '') && byteLength(text) <= TOPIC_BYTES_MAX
}

/** The bytes of a text in UTF-8. Half a surrogate pair counts as three, as encoders write it. */
export function byteLength(text: string): number {
  return Buffer.byteLength(text)
}
