/**
 * Items and their text on the wire. Items of one topic that follow each other are a run, which
 * names the topic once and has the bodies as one array: it is decoded by one call.
 */

import { lengthOf, type Run } from '../wire/feed-messages.ts'

/** An item that this node publishes, encoded. */
export interface EncodedItem {
  readonly topic: string
  readonly kind: 'json' | 'bytes'
  /** The body as JSON; of bytes the base64 in quotes. */
  readonly text: string
  /** Of the topic and the text. */
  readonly bytes: number
}

export function encodeItem(topic: string, kind: 'json' | 'bytes', text: string): EncodedItem {
  return { topic, kind, text, bytes: Buffer.byteLength(topic) + Buffer.byteLength(text) }
}

/** The runs of new items, as JSON. */
export function encodeItems(items: readonly EncodedItem[]): string {
  const runs: string[] = []
  for (let first = items[0], at = 0; first !== undefined; first = items[at]) {
    const { topic, kind } = first
    let end = at + 1
    while (items[end]?.topic === topic && items[end]?.kind === kind) end += 1
    const bodies = items.slice(at, end).map(({ text }) => text)
    runs.push(runText(topic, 0, kind, bodies.join(',')))
    at = end
  }
  return `[${runs.join(',')}]`
}

/** Runs that were received, as JSON again. */
export function encodeRuns(runs: readonly Run[]): string {
  const texts = runs.map(({ topic, ageMs, bodies }) => {
    const values = bodies.kind === 'json' ? bodies.values : bodies.base64
    return runText(topic, ageMs, bodies.kind, JSON.stringify(values).slice(1, -1))
  })
  return `[${texts.join(',')}]`
}

function runText(topic: string, ageMs: number, kind: 'json' | 'bytes', bodies: string): string {
  const key = kind === 'json' ? 'json' : 'base64'
  return `{"topic":${JSON.stringify(topic)},"ageMs":${ageMs},"${key}":[${bodies}]}`
}

/** The same runs without the first `count` items. */
export function withoutFirst(runs: readonly Run[], count: number): readonly Run[] {
  const rest: Run[] = []
  let left = count
  for (const run of runs) {
    const length = lengthOf(run.bodies)
    if (left >= length) {
      left -= length
      continue
    }
    rest.push(left === 0 ? run : { ...run, bodies: sliceOf(run.bodies, left) })
    left = 0
  }
  return rest
}

function sliceOf(bodies: Run['bodies'], from: number): Run['bodies'] {
  if (bodies.kind === 'json') return { kind: 'json', values: bodies.values.slice(from) }
  return { kind: 'bytes', base64: bodies.base64.slice(from) }
}
