/**
 * The survey: while somebody looks at the mesh, each peer is asked whom it is connected to, and we
 * tell those who ask us. Only for people who look; no decision depends on it. Peers that know
 * nothing of it, and plain peers, are never asked.
 */

import { encode } from '../../wire/codec.ts'
import type { MeshId } from '../../wire/headers.ts'
import type { Links } from '../../wire/messages.ts'
import type { AddressBook, Entry } from '../address/address-book.ts'
import {
  ADDRESS_BYTES_MAX,
  LINKS_ASK_PAUSE_MS,
  LINKS_PAUSE_MS,
  LINKS_SHOWN_MS,
  LINKS_STRANGE_MAX,
  LINKS_TIMEOUT_MS,
  ROUND_TRIP_SHOWN_MS,
  RUNTIME_CHARS_MAX,
} from '../limits.ts'
import type { ConnectionTable } from '../links/connection-table.ts'
import type { Link } from '../links/link.ts'
import type { Turn } from '../turn.ts'

/** What the survey works with. */
export interface SurveyOptions {
  /** What runs us, such as `Node.js 22.23.2`. */
  readonly runtime: string
  readonly connections: ConnectionTable
  readonly book: AddressBook
  readonly turn: Turn
}

/** What a peer told of itself, addresses as they came. */
export interface Answer {
  readonly runtime: string
  readonly revision: number
  readonly connected: readonly string[]
}

/** What was asked and told on one link. */
interface Correspondence {
  /** When we asked what is not answered yet. */
  askedMs: number | undefined
  /** When the last answer came that we had asked for. */
  answeredMs: number
  heardMs: number
  revision: number
  answer: Answer | undefined
  /** When we answered last. */
  toldMs: number
  roundTripAskedMs: number
}

/** Asks and answers. */
export class Survey {
  readonly #options: SurveyOptions
  /** It ends with the link; who holds a link no more cannot ask for it. */
  readonly #byLink = new WeakMap<Link, Correspondence>()
  /** The latest that each node of the address book told, and which node it was. */
  readonly #latest = new WeakMap<
    Entry,
    { readonly from: MeshId; readonly letters: Correspondence }
  >()

  constructor(options: SurveyOptions) {
    this.#options = options
  }

  /** Somebody looks: asks all peers of whom no answer is awaited, and who would give one. */
  ask(): void {
    const { connections, turn } = this.#options
    const { nowMs } = turn
    for (const link of connections.links.all()) {
      if (link.identity === undefined || link.state !== 'ready') continue
      const letters = this.#with(link)
      if (nowMs >= letters.roundTripAskedMs + ROUND_TRIP_SHOWN_MS) {
        letters.roundTripAskedMs = nowMs
        connections.ping(link)
      }
      if (letters.askedMs !== undefined && nowMs < letters.askedMs + LINKS_TIMEOUT_MS) continue
      if (nowMs < letters.answeredMs + LINKS_ASK_PAUSE_MS) continue
      letters.askedMs = nowMs
      const text = encode({ type: 'LINKS_REQUEST', data: { have: letters.revision } })
      turn.order({ kind: 'send', link: link.id, text })
    }
  }

  /** A peer asks us, and has the list of this revision. One that asks too often is not answered. */
  tell(link: Link, have: number): void {
    const { connections, runtime, turn } = this.#options
    const letters = this.#with(link)
    if (turn.nowMs < letters.toldMs + LINKS_PAUSE_MS) return
    letters.toldMs = turn.nowMs
    const { revision } = connections.announcement
    const [, ...others] = have === revision ? [] : connections.announcement.addresses()
    const connected = have === revision ? null : others
    const text = encode({ type: 'LINKS', data: { revision, runtime, connected } })
    turn.order({ kind: 'send', link: link.id, text })
  }

  /** A peer answers. What nobody asked for is ignored. */
  hear(link: Link, { revision, runtime, connected }: Links['data']): void {
    const letters = this.#with(link)
    if (letters.askedMs === undefined) return
    letters.askedMs = undefined
    letters.answeredMs = this.#options.turn.nowMs
    // "You have it", of what we have not: a peer that does not keep to the protocol.
    if (connected === null && revision !== letters.revision) return
    letters.heardMs = letters.answeredMs
    const entry = this.#entryOf(link)
    if (entry !== undefined && link.identity !== undefined) {
      this.#latest.set(entry, { from: link.identity.id, letters })
    }
    if (connected === null) return
    letters.revision = revision
    const runtimeName = headOf(runtime)
    letters.answer = { runtime: runtimeName, revision, connected: this.#admitted(connected) }
  }

  /**
   * What the peer of a link told of itself, or undefined: nothing, or nothing for too long. When
   * the link is new, and took the place of another one to the same node, what was told on that one.
   */
  answerOn(link: Link, nowMs: number): Answer | undefined {
    const entry = this.#entryOf(link)
    const latest = entry && this.#latest.get(entry)
    const earlier = latest?.from === link.identity?.id ? latest?.letters : undefined
    const letters = [this.#byLink.get(link), earlier]
    return letters.find((one) => one !== undefined && nowMs <= one.heardMs + LINKS_SHOWN_MS)?.answer
  }

  #entryOf({ address }: Link): Entry | undefined {
    return address === undefined ? undefined : this.#options.book.entry(address)
  }

  /**
   * One text for all who name an address that we know: a large mesh tells each a thousand times.
   * Each once, however often a peer names it.
   */
  #admitted(connected: readonly string[]): readonly string[] {
    const { book } = this.#options
    let strange = 0
    const admitted = new Set<string>()
    for (const text of connected) {
      const known = book.find(text)?.address
      if (known !== undefined) admitted.add(known)
      else if (text.length <= ADDRESS_BYTES_MAX && strange < LINKS_STRANGE_MAX) {
        strange += 1
        admitted.add(text)
      }
    }
    return [...admitted]
  }

  #with(link: Link): Correspondence {
    const letters = this.#byLink.get(link)
    if (letters !== undefined) return letters
    const fresh: Correspondence = {
      askedMs: undefined,
      answeredMs: Number.NEGATIVE_INFINITY,
      heardMs: Number.NEGATIVE_INFINITY,
      revision: 0,
      answer: undefined,
      toldMs: Number.NEGATIVE_INFINITY,
      roundTripAskedMs: Number.NEGATIVE_INFINITY,
    }
    this.#byLink.set(link, fresh)
    return fresh
  }
}

/**
 * The beginning of a peer's text, as a text of its own: V8 makes a slice a view, which would keep a
 * whole frame in memory for as long as it is remembered.
 */
function headOf(text: string): string {
  return [...text.slice(0, RUNTIME_CHARS_MAX)].join('')
}
