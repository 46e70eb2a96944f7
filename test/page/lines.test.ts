/** The lines of a stream, wherever its parts begin and end. */

import test from 'ava'
import { linesOf } from '../../src/http/page/sources/lines.ts'

function streamOf(parts: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(part)
      controller.close()
    },
  })
}

async function linesIn(...parts: readonly Uint8Array[]): Promise<readonly string[]> {
  const lines: string[] = []
  for await (const line of linesOf(streamOf(parts))) lines.push(line)
  return lines
}

test('lines - are the same, wherever the stream is cut', async (t) => {
  const bytes = new TextEncoder().encode(': ok\n\ndata: ä€😀\n\nnot whole')
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const lines = await linesIn(bytes.slice(0, cut), bytes.slice(cut))
    t.deepEqual(lines, [': ok', '', 'data: ä€😀', ''], `${cut}`)
  }
  t.deepEqual(await linesIn(), [])
})

test('lines - tells of each part that comes, also within a line', async (t) => {
  const encoder = new TextEncoder()
  const parts = ['a', 'b', 'c\n'].map((part) => encoder.encode(part))
  let count = 0
  const lines = linesOf(streamOf(parts), () => {
    count += 1
  })
  t.is((await lines.next()).value, 'abc')
  t.is(count, 3)
})

test('lines - a stream that breaks throws, after what came', async (t) => {
  let pulls = 0
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      pulls += 1
      if (pulls === 1) controller.enqueue(new TextEncoder().encode('a\nb'))
      else controller.error(new Error('cut off'))
    },
  })
  const lines: string[] = []
  await t.throwsAsync(
    async () => {
      for await (const line of linesOf(stream)) lines.push(line)
    },
    { message: 'cut off' },
  )
  t.deepEqual(lines, ['a'])
})
