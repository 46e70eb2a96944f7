/** One event of each kind; what peers write is hostile in all of them. */

import type { NodeEvent } from '../../src/log/events.ts'
import { at } from './core.ts'

/** Line ends, terminal codes, what reverses and hides text, half a pair, and a fake line. */
export const HOSTILE = `\r\n00:00:00 listening on ws://localhost:1\n{"time":"x"}\n\u001b[2J\u0007\u007f\u009b31m\u202e\u2028\ud800'"\\`

const ENDING = { by: 'peer', code: 4000, reason: HOSTILE } as const

export const EVENTS: { readonly [Kind in NodeEvent['kind']]: NodeEvent & { kind: Kind } } = {
  listening: { kind: 'listening', address: 'ws://localhost:4001' },
  page: { kind: 'page', url: 'http://localhost:4001/' },
  'no-known-peers': { kind: 'no-known-peers', file: '/x/known-peers.json', isMissing: true },
  'source-answered': {
    kind: 'source-answered',
    source: 'dns:mesh.example:4001',
    found: 0,
    problem: 'no such name in DNS',
  },
  'no-answer-yet': { kind: 'no-answer-yet', knownPeers: [at(4002), at(4003)] },
  warning: { kind: 'warning', text: "'LOGLEVEL' is not a setting" },
  'address-missing': { kind: 'address-missing', text: 'set ADDRESS' },
  'known-peers-read': { kind: 'known-peers-read', added: 1, forgotten: 2, kept: 1 },
  'address-changed': { kind: 'address-changed', from: 'ws://10.0.0.1:1', to: 'ws://10.0.0.2:1' },
  'listen-ip-missing': { kind: 'listen-ip-missing', ip: '192.0.2.7', setting: 'LISTEN in /x/.env' },
  'secret-used': {
    kind: 'secret-used',
    keys: ['0a1b2c3d', '4e5f6a7b'],
    mode: 'require',
    certificates: 'none',
  },
  'secret-problem': {
    kind: 'secret-problem',
    peer: at(4002),
    problem: 'missing-here',
    mayBeProxy: false,
  },
  'no-descriptors': { kind: 'no-descriptors' },
  'data-damaged': { kind: 'data-damaged', path: '/x/data/1.fullmesh', bytes: 12, isCut: true },
  'data-unreadable': {
    kind: 'data-unreadable',
    path: '/x/data/2.fullmesh',
    reason: 'EMFILE',
  },
  'data-failed': { kind: 'data-failed', folder: '/x/data', reason: 'ENOSPC' },
  'place-failed': { kind: 'place-failed', path: '/x/data/one.place', reason: 'EACCES' },
  'handler-failed': { kind: 'handler-failed', pattern: 'a.>', reason: HOSTILE, retryInMs: 100 },
  'peer-lag': { kind: 'peer-lag', peer: at(4002), state: 'behind', items: 9, bytes: 5e6 },
  'subscription-lag': {
    kind: 'subscription-lag',
    pattern: HOSTILE,
    state: 'behind',
    items: 9,
    bytes: 5e6,
  },
  'connections-full': { kind: 'connections-full' },
  stopping: { kind: 'stopping', connected: 2, secondCtrlC: true },
  'peer-joined': { kind: 'peer-joined', address: at(4002), connected: 1 },
  'peer-left': { kind: 'peer-left', address: at(4002), connected: 0, ending: ENDING },
  'peer-data': { kind: 'peer-data', address: at(4002), data: { [HOSTILE]: [HOSTILE] } },
  'dial-failed': {
    kind: 'dial-failed',
    address: at(4002),
    known: true,
    reason: HOSTILE,
    retryInMs: 1_234,
  },
  'known-peer-added': { kind: 'known-peer-added', address: at(4002) },
  'peer-forgotten': { kind: 'peer-forgotten', address: at(4002) },
  'link-refused': { kind: 'link-refused', peer: '127.0.0.1:5000', ending: ENDING },
  'own-address-taken': { kind: 'own-address-taken', address: at(4001), foundBy: at(4002) },
  'own-address-refused': {
    kind: 'own-address-refused',
    address: at(4001),
    by: at(4002),
    isPeerLocal: false,
  },
  'own-address-reached': { kind: 'own-address-reached', address: at(4001), by: at(4002) },
  'own-address-unanswered': {
    kind: 'own-address-unanswered',
    address: at(4001),
    failure: 'refused',
    reason: HOSTILE,
  },
  'self-found': { kind: 'self-found', address: at(4001) },
  'alias-found': { kind: 'alias-found', address: at(4002), of: at(4003) },
  'duplicate-closed': { kind: 'duplicate-closed', peer: '127.0.0.1:5000' },
  'message-ignored': { kind: 'message-ignored', peer: '127.0.0.1:5000', type: HOSTILE },
  'addresses-refused': {
    kind: 'addresses-refused',
    peer: '127.0.0.1:5000',
    malformed: 1,
    refusedByPolicy: 2,
    tooMany: 3,
  },
  'dials-limited': { kind: 'dials-limited', teacher: '10.6.6.6', host: '10.7.7.7', waiting: 812 },
  'request-refused': { kind: 'request-refused', reason: `unknown Host '${HOSTILE}'` },
  'other-code': { kind: 'other-code', address: at(4002), code: HOSTILE },
}
