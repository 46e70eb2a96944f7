/**
 * The mechanisms of the core, each with a way to break it. The simulator must detect every one of
 * them, or it does not test the mechanism. Each change is a piece of source text and what to
 * put in its place.
 */

import type { Scenario } from './mutant-run.ts'

/** One mechanism, broken. */
export interface Mutant {
  readonly mechanism: string
  /** A seed that detects it. When it no longer does, the test names another one. */
  readonly seed: number
  /** What detects it. Default: a plan. */
  readonly scenario?: Scenario
  /** Below src/. */
  readonly file: string
  readonly search: string
  readonly replace: string
}

export const MUTANTS: readonly Mutant[] = [
  {
    mechanism: 'dial gate: own address',
    seed: 0,
    file: 'mesh/dialing/dial-gate.ts',
    search: "if (this.isOwnAddress(address, nowMs)) return 'ourselves'",
    replace: '',
  },
  {
    mechanism: 'dial gate: own id under another spelling',
    seed: 5,
    file: 'mesh/links/accept.ts',
    search: 'this.#dialedOwnId(link, dialed)\n      return undefined',
    replace: '',
  },
  {
    mechanism: 'dial gate: being dialed',
    seed: 2,
    file: 'mesh/dialing/dial-gate.ts',
    search: "if (this.#dials.has(address)) return 'being-dialed'",
    replace: '',
  },
  {
    mechanism: 'dial gate: connected',
    seed: 2,
    file: 'mesh/dialing/dial-gate.ts',
    search: "if (purpose === 'join' && this.#connected.has(address)) return 'connected'",
    replace: '',
  },
  {
    mechanism: 'dial gate: dials at once',
    seed: 5,
    file: 'mesh/dialing/dial-queue.ts',
    search:
      'if (isPaced && open.size >= this.#pace.atOnce) return false\n' +
      '    const { openDials } = this.#gate\n' +
      '    if (openDials < DIALS_LEARNED_MAX) return true',
    replace:
      'const { openDials } = this.#gate\n    if (openDials < 2 * DIALS_LEARNED_MAX) return true',
  },
  {
    mechanism: 'dial queue: addresses that were reached come first',
    seed: 243,
    file: 'mesh/dialing/dial-queue.ts',
    search:
      'else if (entry?.reached === true) this.#addTo(this.#reached, address, hostOf(address))\n' +
      '    else for (const { name } of entry?.teachers ?? []) this.#addTo(this.#unreached, address, name)',
    replace: "else this.#addTo(this.#unreached, address, '')",
  },
  {
    mechanism: 'dial budget: dials of one host',
    seed: 264,
    file: 'mesh/dialing/dial-budget.ts',
    search: 'ofHost.take(nowMs)',
    replace: '',
  },
  {
    mechanism: 'dial gate: scope of learned addresses',
    seed: 5,
    file: 'mesh/dialing/dial-gate.ts',
    search: 'return admitsAddress(this.policyFor(address), address)',
    replace: "return admitsAddress('operator', address)",
  },
  {
    mechanism: 'objections: another node announces our address',
    seed: 88,
    file: 'mesh/links/objections.ts',
    search: 'admits(claimed) && isOwnAddress(claimed)) {',
    replace: 'admits(claimed) && isOwnAddress(claimed) && own.id === peer.id) {',
  },
  {
    mechanism: 'accept: links without HANDSHAKE',
    seed: 187,
    file: 'mesh/links/connection-table.ts',
    search: 'withoutHandshake.size <= LINKS_WITHOUT_HANDSHAKE_MAX',
    replace: 'withoutHandshake.size <= 2 * LINKS_WITHOUT_HANDSHAKE_MAX',
  },
  {
    mechanism: 'eviction: links of one id',
    seed: 18,
    file: 'mesh/links/eviction.ts',
    search: '>= LINKS_PER_PEER_MAX',
    replace: '>= 2 * LINKS_PER_PEER_MAX',
  },
  {
    mechanism: 'accept: time to HANDSHAKE',
    seed: 5,
    file: 'mesh/links/connection-table.ts',
    search: "this.close(link, CloseCode.NO_HANDSHAKE, 'no HANDSHAKE in time')",
    replace: '{}',
  },
  {
    mechanism: 'duplicate rule',
    seed: 0,
    file: 'mesh/links/duplicate-rule.ts',
    search: 'links.length < 2 ||',
    replace: 'links.length > 0 ||',
  },
  {
    mechanism: 'duplicate rule: one node decides',
    seed: 14,
    file: 'mesh/links/duplicate-rule.ts',
    search: '|| ownId < peerId',
    replace: '',
  },
  {
    mechanism: 'ownership: an address that several claim is dialed at once',
    seed: 327,
    file: 'mesh/links/ownership.ts',
    search: 'if (areInDoubt(this.#links.ofAddress(address))) this.#contest(address)',
    replace: '',
  },
  {
    mechanism: 'eviction: the host with most links of an id gives way',
    seed: 5,
    file: 'mesh/links/eviction.ts',
    search: 'return ofLargestHost(siblings.filter(isAccepted), newcomer)[0]',
    replace: 'return siblings.at(-1)',
  },
  {
    mechanism: 'duplicate rule: an older link must answer a ping',
    seed: 121,
    file: 'mesh/links/duplicate-rule.ts',
    search: "return { kind: 'probe', link: keep }",
    replace: 'return closing',
  },
  {
    mechanism: 'duplicate rule: two links to one plain peer',
    seed: 96,
    file: 'mesh/links/duplicates.ts',
    search: 'if (other !== link && other.identity === undefined) this.#close(other)',
    replace: '',
  },
  {
    mechanism: 'redial',
    seed: 0,
    file: 'mesh/dialing/connector.ts',
    search: "if (verdict.kind === 'retry') this.redialAt(address, verdict.atMs)",
    replace: '',
  },
  {
    mechanism: 'backoff',
    seed: 0,
    file: 'mesh/address/backoff.ts',
    search: 'return fromMs + random * (mostMs',
    replace: 'return 0 * (mostMs',
  },
  {
    mechanism: 'backoff: capped',
    seed: 31,
    file: 'mesh/address/backoff.ts',
    search: 'Math.min(timings.redialMaxMs, boundMs',
    replace: 'Math.min(1000 * timings.redialMaxMs, boundMs',
  },
  {
    mechanism: 'liveness',
    seed: 22,
    file: 'mesh/links/liveness.ts',
    search: ": { kind: 'dead' }",
    replace: ": { kind: 'alive', untilMs: nowMs + 1000, mayPing: false }",
  },
  {
    mechanism: 'liveness: pings',
    seed: 0,
    file: 'mesh/links/liveness.ts',
    search: '    this.#connections.ping(link)\n',
    replace: '',
  },
  {
    mechanism: 'liveness: our own starvation is no silence of the peer',
    seed: 4,
    scenario: 'starvation',
    file: 'mesh/links/liveness.ts',
    search: 'pingedMs + answerMs(timings)) + heldMs',
    replace: 'pingedMs + answerMs(timings)) + 0 * heldMs',
  },
  {
    mechanism: 'liveness: starvation delays the end of a dead link by a third at most',
    seed: 1,
    scenario: 'starvation',
    file: 'mesh/links/liveness.ts',
    search: 'Math.min(lateMs - link.lateMs, LATE_SILENCE_FRACTION_MAX * silentAfterMs)',
    replace: 'lateMs - link.lateMs',
  },
  {
    mechanism: 'anti-entropy',
    seed: 0,
    file: 'mesh/messages/anti-entropy.ts',
    search: 'if (link !== undefined) this.#connections.sendHandshake(link, true)',
    replace: '',
  },
  {
    mechanism: 'anti-entropy: pause between rounds',
    seed: 0,
    file: 'mesh/address/backoff.ts',
    search: 'return timings.antiEntropyMs *',
    replace: 'return 0.01 * timings.antiEntropyMs *',
  },
  {
    mechanism: 'peer data: what a node tells anew goes to its peers',
    seed: 0,
    file: 'mesh/messages/peer-data.ts',
    search: 'if (dueMs <= nowMs) this.send()',
    replace: 'if (dueMs <= nowMs) return',
  },
  {
    mechanism: 'claims: verified',
    seed: 76,
    file: 'mesh/links/ownership.ts',
    search: 'this.#claims.open(link, nowMs)',
    replace: '',
  },
  {
    mechanism: 'claims: four links that explain a refusal are judged',
    seed: 114_522,
    file: 'mesh/links/ownership.ts',
    search: ' && !this.#isPeerFull(link)',
    replace: '',
  },
  {
    mechanism: 'claims: the node that answers on an address owns it',
    seed: 12,
    file: 'mesh/links/ownership.ts',
    search: 'if (link.identity?.id === owner?.id) continue',
    replace: 'continue',
  },
  {
    mechanism: 'aliases: another spelling is not dialed again',
    seed: 17,
    file: 'mesh/dialing/dial-gate.ts',
    search: "if (this.#book.targetOf(address) !== undefined) return 'alias'",
    replace: '',
  },
  {
    mechanism: 'aliases: a node counts under the address that it announces',
    seed: 49,
    file: 'mesh/links/accept.ts',
    search: 'if (isAlias) {',
    replace: 'if (isAlias && claimed === undefined) {',
  },
  {
    mechanism: 'aliases: own aliases are remembered',
    seed: 37,
    file: 'mesh/dialing/connector.ts',
    search: 'this.#gate.addOwnAlias(address, nowMs)',
    replace: '',
  },
  {
    mechanism: 'forgetting: dead addresses',
    seed: 12,
    file: 'mesh/address/address-book.ts',
    search: 'return entry.failures >= FAILURES_BEFORE_DROPPING',
    replace: 'return false',
  },
  {
    mechanism: 'forgetting: dead addresses of a crowded host',
    seed: 5_667,
    file: 'mesh/address/address-book.ts',
    search: '(isCrowded && !entry.reached)',
    replace: 'false',
  },
  {
    mechanism: 'forgetting: an alias that a stranger claimed',
    seed: 16_338,
    file: 'mesh/address/address-book.ts',
    search: '!entry.known && this.targetOf(address) !== undefined',
    replace: 'false',
  },
  {
    mechanism: 'forgetting: a claim alone does not count as reached',
    seed: 108,
    file: 'mesh/dialing/connector.ts',
    search: 'if (verified) this.#book.reached(',
    replace: 'this.#book.reached(',
  },
  {
    mechanism: 'forgetting: the book is bounded',
    seed: 523,
    file: 'mesh/address/address-book.ts',
    search: 'this.#entries.size >= BOOK_ADDRESSES_MAX && ',
    replace: 'this.#entries.size >= 2 * BOOK_ADDRESSES_MAX && ',
  },
  {
    mechanism: 'incoming handshake: addresses are learned',
    seed: 0,
    file: 'mesh/messages/incoming-handshake.ts',
    search: 'this.#learn(link, unread)',
    replace: '',
  },
  {
    mechanism: 'outgoing handshake: on every new link',
    seed: 0,
    file: 'mesh/links/connection-table.ts',
    search: '    this.sendHandshake(link, false)\n  }',
    replace: '  }',
  },
]
