import test from 'ava'
import { BoundedMap } from '../../src/structures/bounded-map.ts'

test('bounded map - is full at its limit; one more drops the oldest', (t) => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  t.deepEqual(
    [...map],
    [
      ['a', 1],
      ['b', 2],
    ],
  )
  map.set('c', 3)
  t.deepEqual(
    [...map],
    [
      ['b', 2],
      ['c', 3],
    ],
  )
})

test('bounded map - an entry that is set again is the newest', (t) => {
  const map = new BoundedMap<string, number>(2)
  map.set('a', 1)
  map.set('b', 2)
  map.set('a', 3)
  map.set('c', 4)
  t.deepEqual(
    [...map],
    [
      ['a', 3],
      ['c', 4],
    ],
  )
  map.delete('a')
  t.is(map.get('a'), undefined)
  t.is(map.size, 1)
})
