/**
 * Inputs that once broke something: an earlier version, or a core without one of its mechanisms.
 * Add one for every finding of `npm run fuzz`: what went wrong, and the input as the report prints
 * it.
 */

import { at, identityAt, PLAIN } from '../helpers/core.ts'
import { checkAddress, checkFrame, checkHeaders, checkLife, type Life } from './targets.ts'

/** A finding of the past. */
export interface Regression {
  readonly what: string
  /** Throws when the fault is back. */
  readonly check: () => void
}

/** A life of these facts and nothing else. */
function life(facts: Life['facts'], factsAfterStop: Life['facts'] = []): () => void {
  return () => checkLife({ own: at(4001), facts, draws: [0], factsAfterStop })
}

const HANDSHAKE = 'HANDSHAKE'

export const REGRESSIONS: readonly Regression[] = [
  {
    what: 'a host with a quote in it takes more room in JSON than its length',
    check: () => checkAddress('ws://"/'),
  },
  {
    what: 'a port of zeros that the URL parser shortens to 0',
    check: () => checkAddress('ws://[::0:0:0:0:0.0.0.0]:00'),
  },
  {
    what: 'a path that percent-encoding makes longer than an address may be',
    check: () => checkAddress(`ws://localhost/${'"'.repeat(100)}`),
  },
  {
    what: 'a host that ends in two dots',
    check: () => checkAddress('ws://a..'),
  },
  {
    what: 'a HANDSHAKE with null among its addresses',
    check: () => checkFrame(JSON.stringify({ type: HANDSHAKE, data: [null] })),
  },
  {
    what: 'a HANDSHAKE with half a character',
    check: () => checkFrame(`{"type":"${HANDSHAKE}","data":["\\ud800","\ud800"]}`),
  },
  {
    what: 'headers with an identity but for its address',
    check: () =>
      checkHeaders({
        'mesh-version': '1',
        'mesh-name': 'm',
        'mesh-id': '0'.repeat(32),
        'mesh-address': '',
      }),
  },
  {
    what: 'a claim of the known address that is being dialed puts it into two lists',
    check: life([{ kind: 'accept', identity: identityAt(4003, { address: at(4002) }) }]),
  },
  {
    what: 'a claim outlives its link',
    check: life([
      { kind: 'accept', identity: identityAt(4003, { address: at(4002) }) },
      { kind: 'lose', pick: 0, code: 1006 },
    ]),
  },
  {
    what: 'one address, claimed on two links, is dialed twice to be verified',
    check: life([
      { kind: 'reach', pick: 0, identity: identityAt(4000, { address: at(4004) }) },
      { kind: 'freeze', ms: 572 },
      { kind: 'reach', pick: 0, identity: identityAt(4000, { address: at(4004) }) },
      { kind: 'wait', ms: 1_428, peersAnswer: false },
    ]),
  },
  {
    what: 'addresses that must not be dialed, named by a peer',
    check: life([
      { kind: 'reach', pick: 0, identity: PLAIN },
      {
        kind: 'receive',
        pick: 0,
        text: JSON.stringify({
          type: HANDSHAKE,
          data: ['ws://0.0.0.0:4001', 'ws://169.254.169.254'],
        }),
      },
    ]),
  },
  {
    what: 'an accepted link and the end of a dial after the stop',
    check: life(
      [],
      [
        { kind: 'accept', identity: PLAIN },
        { kind: 'reach', pick: 0, identity: identityAt(4002) },
        { kind: 'fail', pick: 0 },
        { kind: 'deadline' },
      ],
    ),
  },
]
