/** Which statuses the page can show. */

import test from 'ava'
import { readStatus } from '../../src/http/page/sources/status-reader.ts'
import { afterLeave, completeMesh, madeAddress } from '../helpers/made-status.ts'

const THIRD = madeAddress(3)

test('status reader - reads a status of its format, also one with more keys', (t) => {
  const status = { ...afterLeave(completeMesh(4), THIRD), later: 1 }
  t.deepEqual(readStatus(JSON.stringify(status)), status)
})

const STATUS = completeMesh(3)
const [PEER] = STATUS.peers

const UNREADABLE: Readonly<Record<string, unknown>> = {
  'a number': 7,
  null: null,
  'a list': [],
  'another format': { ...STATUS, format: 2 },
  'no node': { ...STATUS, node: undefined },
  'a node without an address': { ...STATUS, node: {} },
  'no summary': { ...STATUS, summary: undefined },
  'no peers': { ...STATUS, peers: undefined },
  'a peer that is null': { ...STATUS, peers: [null] },
  'a peer without an address': { ...STATUS, peers: [{ ...PEER, address: undefined }] },
  'a peer of an unknown state': { ...STATUS, peers: [{ ...PEER, state: 'new' }] },
  'a link that is a number': { ...STATUS, peers: [{ ...PEER, link: 7 }] },
  'connections that are no list': { ...STATUS, peers: [{ ...PEER, connectedTo: 7 }] },
  'a log that is not a list': { ...STATUS, log: 7 },
  'a line of the log that is null': { ...STATUS, log: [null] },
}

for (const [title, document] of Object.entries(UNREADABLE)) {
  test(`status reader - does not read ${title}`, (t) => {
    t.is(readStatus(JSON.stringify(document)), undefined)
  })
}

test('status reader - does not read text that is not JSON', (t) => {
  for (const text of ['', '{']) t.is(readStatus(text), undefined)
})
