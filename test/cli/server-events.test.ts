import test from 'ava'
import { EVENT_CHARS_MAX, eventsIn, type ServerEvent } from '../../src/cli/topics/server-events.ts'

/** The events in a text that comes in pieces of so many characters. */
async function read(text: string, pieceChars: number): Promise<readonly ServerEvent[]> {
  async function* body() {
    for (let at = 0; at < text.length; at += pieceChars) {
      yield Buffer.from(text.slice(at, at + pieceChars))
    }
  }
  const events: ServerEvent[] = []
  for await (const event of eventsIn(body())) events.push(event)
  return events
}

test('server events - are read wherever pieces end', async (t) => {
  const text = 'retry: 1000\nid: a-1.0\n\nid: a-1.1\nevent: gap\ndata: {"ü":": x"}\n\nid: cut'
  for (const pieceChars of [1, 7, text.length]) {
    t.deepEqual(await read(text, pieceChars), [
      { id: 'a-1.0', name: 'message', data: undefined },
      { id: 'a-1.1', name: 'gap', data: '{"ü":": x"}' },
    ])
  }
})

test('server events - one of the most characters is read, a longer one or none that ends is not', async (t) => {
  const end = '\n\n'
  const longest = `data: ${'x'.repeat(EVENT_CHARS_MAX - 'data: '.length - end.length)}`
  t.is((await read(`${longest}${end}`, 65_536))[0]?.data?.length, longest.length - 6)
  await t.throwsAsync(read(`${longest}x${end}`, 65_536), { message: 'an event is too long' })
  await t.throwsAsync(read('x'.repeat(EVENT_CHARS_MAX + 1), 65_536))
})
