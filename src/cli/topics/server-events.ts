/** Reads server-sent events (WHATWG HTML §9.2.6), as a node sends them. */

/** An event, or only the place to go on from. */
export interface ServerEvent {
  readonly id: string | undefined
  /** `message` without another name. */
  readonly name: string
  /** Undefined when the event has only an id. */
  readonly data: string | undefined
}

/** Longest event, in characters: many times a message. Larger: another program fills the memory. */
export const EVENT_CHARS_MAX = 4 * 1024 * 1024

/** The events in a body, until it ends. @throws {Error} when one is too long */
export async function* eventsIn(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of body) {
    const text = decoder.decode(chunk, { stream: true })
    rest += text
    if (rest.length > EVENT_CHARS_MAX) throw new Error('an event is too long')
    // To search a long event at each chunk would be slow.
    if (!text.includes('\n')) continue
    const blocks = rest.split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) yield eventOf(block)
  }
}

function eventOf(block: string): ServerEvent {
  const fields = new Map(
    block.split('\n').map((line) => {
      const at = line.indexOf(': ')
      return [line.slice(0, Math.max(0, at)), line.slice(at + 2)]
    }),
  )
  return { id: fields.get('id'), name: fields.get('event') ?? 'message', data: fields.get('data') }
}
