/**
 * The lines of a stream of text, as they come. Ends with the stream, and throws with it.
 *
 * @param onPart is called for each part that comes: a line can take many
 */
export async function* linesOf(
  bytes: ReadableStream<Uint8Array>,
  onPart: () => void = () => {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const reader = bytes.getReader()
  // A line can have 20 MB: its parts are joined once.
  let parts: string[] = []
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    onPart()
    const [first = '', ...others] = decoder.decode(value, { stream: true }).split('\n')
    parts.push(first)
    for (const part of others) {
      yield parts.join('')
      parts = [part]
    }
  }
}
