import test from 'ava'
import fc from 'fast-check'
import type { NodeEvent } from '../../src/log/events.ts'
import { describeEnding, logLineFor } from '../../src/log/log-messages.ts'
import type { Ending } from '../../src/mesh/events.ts'
import { at } from '../helpers/core.ts'
import { EVENTS, HOSTILE } from '../helpers/node-events.ts'
import { anyCodePoint } from '../helpers/property.ts'

const PEER = at(4002)
const STOPPED: Ending = { by: 'peer', code: 1001, reason: 'node stops' }

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u

test('log messages - each event has a sentence, a level and a tone', (t) => {
  const shown = Object.values(EVENTS).map((event) => {
    const { level, tone, text } = logLineFor(event)
    return `${level} ${tone}: ${text.replace(/'(?:\\r|{).*'/, "'…'")}`
  })
  t.deepEqual(shown, [
    'info plain: listening on ws://localhost:4001',
    'info plain: status page: http://localhost:4001/',
    'info plain: /x/known-peers.json is missing: no peers to dial, waiting for connections',
    'info plain: dns:mesh.example:4001: no such name in DNS; will ask again',
    'info plain: no answer from ws://localhost:4002, ws://localhost:4003 yet; will keep trying',
    "warn problem: 'LOGLEVEL' is not a setting",
    'warn problem: set ADDRESS',
    'info plain: read the known peers again: 1 added, 2 forgotten, 1 not forgotten while connected',
    'info plain: the address of this machine was ws://10.0.0.1:1 and is ws://10.0.0.2:1; starting again as another node',
    'warn problem: LISTEN in /x/.env: no interface of this machine has 192.0.2.7; not listening on it',
    'info plain: the secret is key 0a1b2c3d, and 4e5f6a7b still counts; this node does not encrypt',
    'warn problem: not connected to ws://localhost:4002: it has a secret, and this node has none; copy its file secret to this node',
    'warn problem: no file descriptors left, so no new connections; raise the hard limit (ulimit -n)',
    'warn problem: cut 12 bytes at the end of /x/data/1.fullmesh, which a crash had left incomplete',
    'warn problem: /x/data/2.fullmesh cannot be read (EMFILE); subscriptions with a name wait until it can',
    'error bad: nothing more is stored in /x/data (ENOSPC); free the disk, then restart the node',
    'warn problem: /x/data/one.place cannot be written (EACCES), so messages come again after a restart; free the disk, or let the user that runs the node write it',
    "warn problem: the handler of 'a.>' threw '…'; again in 0.1 s",
    'warn problem: ws://localhost:4002 is slow: 9 messages wait for it (4.8 MiB)',
    "warn problem: the subscription '…' is slow: 9 messages wait for it (4.8 MiB)",
    'warn problem: 1456 TCP connections are open, the maximum; those that send nothing are closed (ss -tn lists them)',
    'info plain: stopping, disconnecting from 2 peers; press Ctrl-C again to exit at once',
    'info good: connected to ws://localhost:4002 (1 peer)',
    "info bad: disconnected from ws://localhost:4002 (0 peers), closed by peer: 4000 '…'",
    "debug detail: ws://localhost:4002 tells of itself '…'",
    "debug detail: cannot connect to ws://localhost:4002: '…', trying again in 1.2 s",
    'info plain: added the known peer ws://localhost:4002',
    'info plain: forgot ws://localhost:4002; it is not dialed any more',
    "warn problem: refused connection with 127.0.0.1:5000: closed by peer: 4000 '…'",
    'warn problem: ws://localhost:4002 reached another node on ws://localhost:4001, which this node announces; set ADDRESS to one that leads here',
    'warn problem: ws://localhost:4002 refuses this node, because other hosts cannot dial the address ws://localhost:4001 that it announces; set ADDRESS to one that they can dial',
    'info plain: ws://localhost:4001, the ADDRESS of this node, can be dialed: ws://localhost:4002 reached it',
    "warn problem: cannot dial ws://localhost:4001, the ADDRESS of this node: '…'; peers must be able to",
    'debug detail: ws://localhost:4001 is this node itself',
    'debug detail: ws://localhost:4002 is another address of ws://localhost:4003',
    'debug detail: closed a duplicate connection with 127.0.0.1:5000',
    "debug detail: ignored a message of unknown type '…' from 127.0.0.1:5000",
    'debug detail: refused addresses from 127.0.0.1:5000: 1 malformed, 2 not allowed, 3 over the limit',
    "warn problem: dialing slowly what peers name: 812 addresses of '10.7.7.7' from '10.6.6.6', and others",
    "warn problem: refused an HTTP request: unknown Host '…'",
    "warn problem: ws://localhost:4002 runs different code (digest '…')",
  ])
})

test('log messages - count peers, and show how the last connection with one ended', (t) => {
  const { text } = logLineFor({ kind: 'peer-left', address: PEER, connected: 2, ending: STOPPED })
  t.is(text, `disconnected from ${PEER} (2 peers), closed by peer: 1001 'node stops'`)
})

test('log messages - say when what was slow has caught up, and when it was too slow', (t) => {
  const event = EVENTS['peer-lag']
  const lines = (['caught-up', 'gap'] as const).map((state) => logLineFor({ ...event, state }))
  t.deepEqual(
    lines.map(({ level, text }) => `${level}: ${text}`),
    [
      'info: ws://localhost:4002 has caught up',
      'warn: ws://localhost:4002 was too slow: messages are lost to it',
    ],
  )
  const last = logLineFor({ ...EVENTS['handler-failed'], retryInMs: null })
  t.true(last.text.endsWith('; not called again with it'))
})

test('log messages - name Ctrl-C only where it can be pressed', (t) => {
  const stopping = logLineFor({ kind: 'stopping', connected: 1, secondCtrlC: false })
  t.is(stopping.text, 'stopping, disconnecting from 1 peer')
})

test('log messages - no peer can write lines or terminal codes, in any event', (t) => {
  for (const event of Object.values(EVENTS)) {
    t.notRegex(logLineFor(event).text, INVISIBLE, event.kind)
    t.true(logLineFor(event).text.length < 250, event.kind)
  }
  for (const kind of ['peer-left', 'link-refused', 'message-ignored', 'dial-failed'] as const) {
    t.true(logLineFor(EVENTS[kind]).text.includes("'\\r\\n00:00:00 listening on"), kind)
  }
  t.true(HOSTILE.includes('\n'))
})

test('log messages - a proxy is named where it may be the cause', (t) => {
  const peer = 'wss://mesh.example'
  const problem = { kind: 'secret-problem', peer, problem: 'differs' } as const
  const textIf = (mayBeProxy: boolean) => logLineFor({ ...problem, mayBeProxy }).text
  t.regex(textIf(true), /another secret; copy .*; or a proxy encrypts .*: set TLS_PIN=none$/)
  t.regex(textIf(false), /another secret; copy the file secret of one node to the other$/)
})

test('log messages - what is wrong with ADDRESS is said with the one to set', (t) => {
  const suggested = 'ws://10.9.0.2:4001'
  const endOf = (event: NodeEvent) => logLineFor(event).text.split(/[;,]/).at(-1)
  t.is(endOf({ ...EVENTS['own-address-taken'], suggested }), ` set ADDRESS=${suggested}`)
  t.is(endOf({ ...EVENTS['own-address-refused'], suggested }), ` set ADDRESS=${suggested}`)
  t.is(endOf({ ...EVENTS['own-address-unanswered'], suggested }), ` or set ADDRESS=${suggested}`)
  const ofPeer = { ...EVENTS['own-address-refused'], isPeerLocal: true, suggested } as const
  t.is(endOf(ofPeer), ' set ADDRESS on it', 'that of this node is right')
})

test('log messages - a close reason is escaped and cut, whatever it is', (t) => {
  const assertSafe = (reason: string): void => {
    const ending: Ending = { by: 'peer', code: 4000, reason }
    const { text } = logLineFor({ kind: 'peer-left', address: PEER, connected: 1, ending })
    t.notRegex(text, INVISIBLE)
    t.true(text.length < 200)
    t.regex(text, /^disconnected from \S+ \(1 peer\), closed by peer: 4000(?: '.*')?$/)
  }
  assertSafe('x'.repeat(10_000))
  fc.assert(fc.property(fc.string({ unit: anyCodePoint, maxLength: 200 }), assertSafe))
})

test('log messages - show who ended a link, and leave out a missing code or reason', (t) => {
  t.is(
    describeEnding({ by: 'us', code: 4001, reason: 'duplicate' }),
    "closed by us: 4001 'duplicate'",
  )
  t.is(describeEnding({ by: 'peer', code: 1000, reason: '' }), 'closed by peer: 1000')
  t.is(describeEnding({ by: 'peer', code: 1005, reason: '' }), 'closed by peer')
  t.is(describeEnding({ by: 'network', code: 1006, reason: '' }), 'connection lost')
  t.is(
    describeEnding({ by: 'network', code: 1006, reason: 'ECONNRESET' }),
    "connection lost: 'ECONNRESET'",
  )
})

test('log messages - lines that others can cause often have a rate limit', (t) => {
  const limited = Object.values(EVENTS).flatMap((event) => {
    const { level, rateLimit } = logLineFor(event)
    if (rateLimit === undefined) return []
    const ofKind = rateLimit.kind === event.kind ? ', and all of its kind' : ''
    return `${event.kind} ${level} ${rateLimit.linesMax}${ofKind}`
  })
  t.deepEqual(limited, [
    'address-missing warn 1',
    'no-descriptors warn 1',
    'data-damaged warn 1',
    'data-unreadable warn 1',
    'place-failed warn 1',
    'handler-failed warn 1',
    'peer-lag warn 1, and all of its kind',
    'subscription-lag warn 1',
    'connections-full warn 1',
    'peer-joined info 1000',
    'peer-left info 1000',
    'peer-data debug 1000',
    'link-refused warn 1, and all of its kind',
    'own-address-taken warn 1',
    'own-address-refused warn 1',
    'message-ignored debug 20',
    'dials-limited warn 1',
    'request-refused warn 10',
    'other-code warn 1, and all of its kind',
  ])
})

test('log messages - warn of a refused link only when something is wrong', (t) => {
  const levelOf = (ending: Ending) => logLineFor({ kind: 'link-refused', peer: PEER, ending }).level
  t.is(levelOf({ by: 'us', code: 1007, reason: 'not JSON' }), 'warn')
  t.is(levelOf({ by: 'peer', code: 4003, reason: 'other mesh' }), 'warn')
  t.is(levelOf({ by: 'us', code: 4001, reason: 'duplicate' }), 'debug')
  t.is(levelOf({ by: 'us', code: 4002, reason: 'self' }), 'debug')
  t.is(levelOf({ by: 'network', code: 1006, reason: '' }), 'debug')
})
