import test from 'ava'
import { LOOKUP_HANGS_MS, LOOKUPS_KEPT, LOOKUPS_MAX } from '../../src/io/limits.ts'
import { LookupLine } from '../../src/io/lookup-line.ts'

/** A line in which these names wait. */
function lineOf({ own = [], peers = [] }: { own?: readonly string[]; peers?: readonly string[] }) {
  const line = new LookupLine()
  for (const name of own) line.add(name, true)
  for (const name of peers) line.add(name, false)
  return line
}

/** The names whose lookups begin now. */
function begun(line: LookupLine): readonly string[] {
  const names: string[] = []
  for (let name = line.next(); name !== undefined; name = line.next()) names.push(name)
  return names
}

/** A line whose lookups of these names of the operator's have hung. */
function lineWhereHung(own: readonly string[]): LookupLine {
  const line = lineOf({ own })
  for (let name = line.next(); name !== undefined; name = line.next()) {
    line.ended(name, LOOKUP_HANGS_MS + 1)
  }
  return line
}

test('lookup line - as many lookups run as the limit, in the order in which names came', (t) => {
  const own = Array.from({ length: LOOKUPS_MAX + 1 }, (_, index) => `${index}.test`)
  const line = lineOf({ own })
  t.deepEqual(begun(line), own.slice(0, LOOKUPS_MAX))
  line.ended('1.test', 1)
  t.deepEqual(begun(line), own.slice(LOOKUPS_MAX))
})

test('lookup line - names from peers leave a place to the operator', (t) => {
  const line = lineOf({ peers: ['a.evil', 'b.evil', 'c.evil'] })
  t.deepEqual(begun(line), ['a.evil', 'b.evil', 'c.evil'].slice(0, LOOKUPS_MAX - LOOKUPS_KEPT))
  line.add('good.test', true)
  t.deepEqual(begun(line), ['good.test'])
})

test("lookup line - the operator's names come first", (t) => {
  t.is(lineOf({ peers: ['a.evil'], own: ['good.test'] }).next(), 'good.test')
})

test('lookup line - a name that hung gets no kept place, until it is answered in time', (t) => {
  const line = lineWhereHung(['a.bad', 'b.bad'])
  line.add('a.bad', true)
  line.add('b.bad', true)
  t.deepEqual(begun(line), ['a.bad'])
  line.add('good.test', true)
  t.deepEqual(begun(line), ['good.test'])
  line.ended('a.bad', LOOKUP_HANGS_MS)
  t.deepEqual(begun(line), ['b.bad'])
  line.ended('good.test', 1)
  line.add('a.bad', true)
  t.deepEqual(begun(line), ['a.bad'])
})

test("lookup line - names from peers and the operator's that hung take turns", (t) => {
  const line = lineWhereHung(['a.bad', 'b.bad'])
  line.add('a.bad', true)
  line.add('b.bad', true)
  line.add('a.evil', false)
  line.add('b.evil', false)
  const order: string[] = []
  for (let name = line.next(); name !== undefined; name = line.next()) {
    order.push(name)
    line.ended(name, LOOKUP_HANGS_MS + 1)
  }
  t.deepEqual(order, ['a.bad', 'a.evil', 'b.bad', 'b.evil'])
})

test('lookup line - a name waits once, and is the operator`s if one dial is', (t) => {
  const line = lineOf({ own: ['good.test'], peers: ['good.test', 'a.evil'] })
  t.deepEqual(begun(line), ['good.test', 'a.evil'])
  line.add('good.test', true)
  line.ended('a.evil', 1)
  t.deepEqual(begun(line), [])
})

test('lookup line - a name that was removed is not looked up', (t) => {
  const line = lineOf({ own: ['a.test', 'b.test'] })
  t.true(line.remove('a.test'))
  t.false(line.remove('a.test'))
  t.deepEqual(begun(line), ['b.test'])
  t.false(line.remove('b.test'))
})
