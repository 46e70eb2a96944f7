/** What the core of messages uses of Node's Buffer, for browsers: esbuild puts it in. */

export const Buffer = {
  byteLength: (text: string): number => new TextEncoder().encode(text).length,
  /** Outside of Node a text stays one: only the memory differs. */
  from: (text: string): string => text,
}
