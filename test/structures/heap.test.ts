import test from 'ava'
import * as fc from 'fast-check'
import { Heap } from '../../src/structures/heap.ts'

test('heap - returns all items in order, whatever the order of insertion', (t) => {
  fc.assert(
    fc.property(fc.array(fc.integer()), (items) => {
      const heap = new Heap<number>((a, b) => a < b)
      for (const item of items) heap.push(item)
      const taken: number[] = []
      for (let top = heap.top; top !== undefined; top = heap.top) {
        taken.push(top)
        heap.pop()
      }
      return JSON.stringify(taken) === JSON.stringify(items.toSorted((a, b) => a - b))
    }),
  )
  t.is(new Heap<number>((a, b) => a < b).top, undefined)
})

test('heap - is empty once it is cleared', (t) => {
  const heap = new Heap<number>((a, b) => a < b)
  heap.push(1)
  heap.clear()
  t.is(heap.top, undefined)
})
