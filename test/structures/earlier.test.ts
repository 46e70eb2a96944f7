import test from 'ava'
import { earlier } from '../../src/structures/earlier.ts'

test('earlier - gives the earlier of two times, the only one, or none', (t) => {
  t.is(earlier(1, 2), 1)
  t.is(earlier(2, 1), 1)
  t.is(earlier(0, undefined), 0)
  t.is(earlier(undefined, 0), 0)
  t.is(earlier(undefined, undefined), undefined)
})
