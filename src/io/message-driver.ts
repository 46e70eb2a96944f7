/**
 * The driver of messages: carries facts about links to the core of messages, and its frames to
 * their sockets. What is published in one turn of the event loop is sent at its end.
 */

import type { LinkId } from '../mesh/inputs.ts'
import type { EncodedItem } from '../pubsub/item.ts'
import type { Output, PubSubInput } from '../pubsub/outputs.ts'
import type { PubSub } from '../pubsub/pubsub.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { LinkFact } from '../wire/link-facts.ts'
import { DeadlineTimer } from './deadline-timer.ts'
import { FRAMES_PER_TURN_MAX } from './limits.ts'
import { Suspension } from './suspension.ts'

/** How long to wait for the sockets between two looks, in ms. */
const FLUSH_LOOK_MS = 5

export interface MessageSockets {
  /** Sends a frame; `onTaken` is called once its bytes have left this process. */
  send(link: LinkId, text: string, onTaken: () => void): void
  /** What the peer of a link has not read, in bytes. */
  unsentBytes(link: LinkId): number
}

/** A link that is ready for messages. */
interface ReadyLink {
  /** The frames that its socket has not reported as taken. */
  untaken: number
  /** Whether the core waits for that. */
  isAwaited: boolean
  readonly onTaken: () => void
}

export class MessageDriver {
  readonly #pubsub: PubSub
  readonly #sockets: MessageSockets
  readonly #onChanged: () => void
  readonly #links = new Map<LinkId, ReadyLink>()
  /** Links with more to send, whose sockets have taken what they were given. */
  #drained: LinkId[] = []
  readonly #suspension = new Suspension()
  #isTurnEndDue = false
  /** Whether local subscriptions are about to read what came. */
  #isReading = false
  /** Whether links get their next frame after others had their turn. */
  #goesOn = false
  /** It frees memory and tells others; a program that is done need not wait for it. */
  readonly #timer = new DeadlineTimer(() => this.#input({ kind: 'deadline' }), false)

  /** @param onChanged called when there may be something for local subscriptions */
  constructor(pubsub: PubSub, sockets: MessageSockets, onChanged: () => void) {
    this.#pubsub = pubsub
    this.#sockets = sockets
    this.#onChanged = onChanged
  }

  /** Takes an item to send at the end of the turn, and gives its number. */
  publish(item: EncodedItem): number {
    const seq = this.#pubsub.publish(item)
    if (this.#pubsub.isTurnFull) this.#endTurn()
    else this.#endTurnSoon()
    return seq
  }

  handle(fact: LinkFact): void {
    if (fact.kind === 'link-ready') this.#open(fact.link)
    this.#input(fact)
  }

  /** A link is gone. Harmless for one that was never ready. */
  linkGone(link: LinkId): void {
    if (this.#links.delete(link)) this.#input({ kind: 'link-gone', link })
  }

  /** Resolves when the sockets of all links have taken all that was published before. */
  async flush(): Promise<void> {
    const { nextSeq } = this.#pubsub
    this.#endTurn()
    const isBehind = (link: LinkId): boolean => !this.#pubsub.hasTaken(link, nextSeq, monotonicMs())
    while ([...this.#links.keys()].some(isBehind)) {
      await new Promise((resolve) => setTimeout(resolve, FLUSH_LOOK_MS))
    }
  }

  #open(link: LinkId): void {
    const ready: ReadyLink = {
      untaken: 0,
      isAwaited: false,
      onTaken: () => {
        ready.untaken -= 1
        if (ready.untaken > 0 || !ready.isAwaited) return
        ready.isAwaited = false
        if (this.#links.has(link)) this.#input({ kind: 'link-drained', link })
      },
    }
    this.#links.set(link, ready)
  }

  #endTurnSoon(): void {
    if (this.#isTurnEndDue) return
    this.#isTurnEndDue = true
    setImmediate(() => this.#endTurn())
  }

  #endTurn(): void {
    this.#isTurnEndDue = false
    this.#input({ kind: 'turn-ended' })
  }

  /**
   * Nothing is to be sent, but what came was read: subscriptions that wait for it read in
   * microtasks that are queued before this one. A turn of the event loop for each frame would cost
   * more.
   */
  #endReadingSoon(): void {
    if (this.#isReading) return
    this.#isReading = true
    queueMicrotask(() => {
      this.#isReading = false
      if (this.#isTurnEndDue) return
      this.#pubsub.handle({ kind: 'turn-ended' }, monotonicMs())
      this.#timer.hasten(this.#pubsub.deadlineMs())
    })
  }

  #input(input: PubSubInput): void {
    const totalMs = this.#suspension.change()
    if (totalMs !== undefined) this.#pubsub.handle({ kind: 'suspended', totalMs }, monotonicMs())
    this.#execute(this.#pubsub.handle(input, monotonicMs()))
    this.#goOn()
    this.#onChanged()
    if (this.#pubsub.isTurnOpen && !this.#isTurnEndDue) this.#endReadingSoon()
    this.#timer.hasten(this.#pubsub.deadlineMs())
  }

  /** Links get frame after frame while their sockets take them, but others have their turn, too. */
  #goOn(): void {
    for (let frames = 1; frames < FRAMES_PER_TURN_MAX && this.#drained.length > 0; frames += 1) {
      const links = this.#drained
      this.#drained = []
      this.#execute(this.#pubsub.handle({ kind: 'links-drained', links }, monotonicMs()))
    }
    if (this.#drained.length > 0 && !this.#goesOn) {
      this.#goesOn = true
      setImmediate(() => {
        this.#goesOn = false
        this.#goOn()
      })
    }
  }

  #execute(outputs: readonly Output[]): void {
    const full: LinkId[] = []
    for (const { link, text, awaitsDrain } of outputs) {
      const ready = this.#links.get(link)
      if (ready === undefined) continue
      ready.untaken += 1
      this.#sockets.send(link, text, ready.onTaken)
      if (ready.untaken === 0 || this.#sockets.unsentBytes(link) === 0) {
        if (awaitsDrain) this.#drained.push(link)
      } else {
        if (!awaitsDrain && !ready.isAwaited) full.push(link)
        ready.isAwaited = true
      }
    }
    for (const link of full) this.#pubsub.handle({ kind: 'link-full', link }, monotonicMs())
  }
}
