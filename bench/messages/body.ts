/**
 * The bodies that are published: text with its publisher, its number and, where latency is
 * measured, its time, all in digits, and then as much filler as it takes.
 */

/** Digits of the publisher and of the number; the quotes of JSON make them 14 bytes. */
const [FROM_DIGITS, SEQ_DIGITS] = [2, 10] as const
const HEAD_DIGITS = FROM_DIGITS + SEQ_DIGITS

/** Of µs since the machine started. */
const TIME_DIGITS = 16

const QUOTES = 2

/** Makes the bodies of one publisher. */
export class BodyWriter {
  readonly #from: string
  readonly #filler = new Map<number, string>()

  constructor(publisher: number) {
    this.#from = digits(publisher, FROM_DIGITS)
  }

  /** @param bytes as JSON, with its quotes: 14 at least, 30 with a time */
  write(seq: number, bytes: number, atUs?: number): string {
    const time = atUs === undefined ? '' : digits(atUs, TIME_DIGITS)
    const left = bytes - QUOTES - HEAD_DIGITS - time.length
    return `${this.#from}${digits(seq, SEQ_DIGITS)}${time}${this.#fillerOf(left)}`
  }

  #fillerOf(length: number): string {
    const known = this.#filler.get(length)
    if (known !== undefined) return known
    const filler = 'x'.repeat(length)
    this.#filler.set(length, filler)
    return filler
  }
}

/** Counts the bodies that one receiver gets, and those that come twice or out of order. */
export class BodyReader {
  /** By publisher, how many have come. */
  readonly counts: number[] = []
  /** By publisher, the highest number that has come. */
  readonly #highest: number[] = []
  wrong = 0

  /** Returns the publisher. */
  read(body: string): number {
    const from = numberIn(body, 0, FROM_DIGITS)
    const seq = numberIn(body, FROM_DIGITS, HEAD_DIGITS)
    this.counts[from] = (this.counts[from] ?? 0) + 1
    // A higher one is in order: what lies between is lost, or will be out of order.
    if (seq > (this.#highest[from] ?? 0)) this.#highest[from] = seq
    else this.wrong += 1
    return from
  }

  /** The time in a body, in µs; undefined when it has none. */
  static timeIn(body: string): number | undefined {
    const time = numberIn(body, HEAD_DIGITS, HEAD_DIGITS + TIME_DIGITS)
    return Number.isNaN(time) ? undefined : time
  }
}

function digits(number: number, count: number): string {
  return String(number).padStart(count, '0')
}

/** Cheap, because every system pays for it: no text is cut out. NaN where there is no digit. */
function numberIn(text: string, from: number, end: number): number {
  let number = 0
  for (let at = from; at < end; at += 1) {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= 0 && digit <= 9)) return Number.NaN
    number = 10 * number + digit
  }
  return number
}
