import test from 'ava'
import { rule } from '../../src/mesh/links/duplicate-rule.ts'
import { type Link, newLink } from '../../src/mesh/links/link.ts'
import { at, identityAt, meshId } from '../helpers/core.ts'

const SMALL = meshId(1)
const LARGE = meshId(2)

type Origin = Link['origin']['kind']

/** Links to one peer that has said HANDSHAKE on all, oldest first; their ids count from 1. */
function links(...origins: readonly Origin[]): readonly Link[] {
  return origins.map((kind, index) => {
    const origin: Link['origin'] =
      kind === 'dialed'
        ? { kind, address: at(4002), host: 'localhost' }
        : { kind, remote: '127.0.0.1:50000', host: '127.0.0.1' }
    return { ...newLink(index + 1, origin, identityAt(4002), 0), state: 'ready' }
  })
}

function answered(link: Link): Link {
  return { ...link, probe: 'answered' }
}

/** The ruling of the node with the larger id, in short. */
function ruling(of: readonly Link[], isContested = false): string {
  const ruled = rule(of, LARGE, SMALL, isContested)
  switch (ruled.kind) {
    case 'wait':
      return 'wait'
    case 'probe':
      return `probe ${ruled.link.id}`
    case 'close':
      return `close ${ruled.extra.map((link) => link.id)} keep ${ruled.kept.id}`
    default:
      return ruled satisfies never
  }
}

test('duplicate rule - one link needs no decision', (t) => {
  t.is(ruling([]), 'wait')
  t.is(ruling(links('dialed')), 'wait')
})

test('duplicate rule - the node with the smaller id decides nothing', (t) => {
  t.deepEqual(rule(links('accepted', 'dialed'), SMALL, LARGE, false), { kind: 'wait' })
  t.deepEqual(rule(links('dialed', 'accepted').map(answered), SMALL, LARGE, false), {
    kind: 'wait',
  })
})

test('duplicate rule - the link dialed by the larger id is kept', (t) => {
  t.is(ruling(links('accepted', 'dialed')), 'close 1 keep 2')
  t.is(ruling(links('accepted', 'accepted', 'dialed')), 'close 1,2 keep 3')
})

test('duplicate rule - an older link must answer a ping before a newer one is closed', (t) => {
  const [old, young] = links('dialed', 'accepted')
  if (old === undefined || young === undefined) return t.fail()
  t.is(ruling([old, young]), 'probe 1')
  t.is(ruling([{ ...old, probe: 'asked' }, young]), 'wait')
  t.is(ruling([answered(old), young]), 'close 2 keep 1')
})

test('duplicate rule - of two links in the same direction the older one is kept after it answers', (t) => {
  for (const origin of ['dialed', 'accepted'] as const) {
    const [old, young] = links(origin, origin)
    if (old === undefined || young === undefined) return t.fail()
    t.is(ruling([old, young]), 'probe 1', origin)
    t.is(ruling([answered(old), young]), 'close 2 keep 1', origin)
  }
})

test('duplicate rule - of dialed links the one dialed at the announced address is kept, whatever its age', (t) => {
  const [atAnother, atItsOwn] = links('dialed', 'dialed')
  if (atAnother === undefined || atItsOwn === undefined) return t.fail()
  const alias: Link = { ...atAnother, address: at(4003) }
  const proper: Link = { ...atItsOwn, address: at(4002) }
  t.is(ruling([alias, proper]), 'close 1 keep 2')
  t.is(ruling([proper, alias]), 'probe 2')
  t.is(ruling([answered(proper), alias]), 'close 1 keep 2')
})

test('duplicate rule - of two links dialed at the announced address the newer is kept', (t) => {
  const [old, young] = links('dialed', 'dialed').map((link) => ({ ...link, address: at(4002) }))
  if (old === undefined || young === undefined) return t.fail()
  t.is(ruling([old, young]), 'close 1 keep 2')
})

test('duplicate rule - nothing is closed before the peer has said HANDSHAKE on the link that is kept', (t) => {
  const [old, young] = links('accepted', 'dialed')
  if (old === undefined || young === undefined) return t.fail()
  t.is(ruling([old, { ...young, state: 'awaiting-handshake' }]), 'wait')
})

test('duplicate rule - while several claim the address, only a link that was dialed there decides', (t) => {
  const [old, young] = links('accepted', 'dialed')
  if (old === undefined || young === undefined) return t.fail()
  t.is(ruling(links('accepted', 'accepted'), true), 'wait')
  t.is(ruling([old, young], true), 'wait', 'dialed by an alias')
  t.is(ruling([old, { ...young, address: at(4002) }], true), 'close 1 keep 2')
})

test('duplicate rule - an answer on another link than the one to be kept does not count', (t) => {
  const [first, second, third] = links('accepted', 'dialed', 'accepted')
  if (first === undefined || second === undefined || third === undefined) return t.fail()
  t.is(ruling([answered(first), second, third]), 'probe 2')
})
