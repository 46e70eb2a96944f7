import test from 'ava'
import { firstIndex } from '../../src/structures/first-index.ts'

test('first index - is that of the first item that is so, in every list', (t) => {
  for (let length = 0; length < 20; length += 1) {
    const items = Array.from({ length }, (_none, index) => index)
    for (let wanted = 0; wanted <= length; wanted += 1) {
      for (let low = 0; low <= wanted; low += 1) {
        t.is(
          firstIndex(items, low, (item) => item >= wanted),
          wanted,
        )
      }
    }
  }
})
