/** The steps of a scene, such as `4000:kill:3`: at 4 s node 3 is killed. */

/** What happens in a step, and how many numbers it takes. */
export const VERBS = {
  /** A node starts: a new one, or one that has ended. */
  start: { least: 1, most: 1, of: 'nodes' },
  /** A plain peer starts: the user stories and nothing else. */
  plain: { least: 1, most: 1, of: 'nodes' },
  /** The process is killed; its kernel resets all connections. */
  kill: { least: 1, most: 1, of: 'nodes' },
  /** The machine loses power: no connection gets an error. */
  unplug: { least: 1, most: 1, of: 'nodes' },
  freeze: { least: 1, most: 1, of: 'nodes' },
  thaw: { least: 1, most: 1, of: 'nodes' },
  /** The connections of two nodes are reset at both ends. */
  reset: { least: 2, most: 2, of: 'nodes' },
  /** The connections of two nodes carry nothing any more, without an error. */
  cut: { least: 2, most: 2, of: 'nodes' },
  /** These nodes and all others do not reach each other. */
  split: { least: 1, most: Number.POSITIVE_INFINITY, of: 'nodes' },
  heal: { least: 0, most: 0, of: 'nodes' },
  /** How long a packet takes on average, in ms. */
  latency: { least: 1, most: 1, of: 'ms' },
  /** The share of packets that is lost, in percent. */
  loss: { least: 1, most: 1, of: 'percent' },
  publish: { least: 1, most: 1, of: 'nodes' },
  /** A stranger connects to the first node, and claims to be the second one, if there is one. */
  stranger: { least: 1, most: 2, of: 'nodes' },
} as const

export type Verb = keyof typeof VERBS

export interface Step {
  /** When, in virtual ms from the beginning. */
  readonly atMs: number
  readonly verb: Verb
  /** Nodes are counted from 1. */
  readonly numbers: readonly number[]
}

/** The last moment of a step: a day. */
export const AT_MS_MAX = 86_400_000

/** The most steps of a scene. Browsers take URLs that are longer. */
export const STEPS_MAX = 500

/** The longest time that a packet takes on average, in ms: longer ones outlast a dial. */
export const LATENCY_MS_MAX = 1_000

/** The largest share of packets that is lost, in percent. */
export const LOSS_PERCENT_MAX = 50

/** The largest number of each kind. */
const LARGEST = { ms: LATENCY_MS_MAX, percent: LOSS_PERCENT_MAX } as const

/**
 * The steps of a text, in the order of their times.
 *
 * @throws {RangeError} that names what is wrong
 */
export function parseSteps(text: string, nodesMax: number): readonly Step[] {
  const texts = text.split(';').filter(Boolean)
  if (texts.length > STEPS_MAX) throw new RangeError(`a scene has at most ${STEPS_MAX} steps`)
  return texts.map((one) => parseStep(one, nodesMax)).sort((a, b) => a.atMs - b.atMs)
}

function parseStep(text: string, nodesMax: number): Step {
  const [at = '', verb = '', list = ''] = text.split(':')
  const atMs = /^\d+$/.test(at) ? Number(at) : Number.NaN
  if (!(atMs <= AT_MS_MAX)) {
    throw new RangeError(`step '${text}' must begin with its time: 0 to ${AT_MS_MAX} ms`)
  }
  if (!isVerb(verb)) {
    throw new RangeError(`step '${text}' has none of the words ${Object.keys(VERBS).join(', ')}`)
  }
  const numbers = list.split(',').filter(Boolean).map(Number)
  const { least, most, of } = VERBS[verb]
  const max = of === 'nodes' ? nodesMax : LARGEST[of]
  const min = of === 'percent' ? 0 : 1
  const areValid = numbers.every((one) => Number.isInteger(one) && one >= min && one <= max)
  if (areValid && numbers.length >= least && numbers.length <= most) return { atMs, verb, numbers }
  const count = least === most ? String(least) : `${least} or more`
  throw new RangeError(`step '${text}' takes ${count} numbers from ${min} to ${max}`)
}

function isVerb(text: string): text is Verb {
  return Object.hasOwn(VERBS, text)
}

export function formatStep({ atMs, verb, numbers }: Step): string {
  return [atMs, verb, ...(numbers.length > 0 ? [numbers.join()] : [])].join(':')
}

/** The steps with one more, after all of the same time. */
export function withStep(steps: readonly Step[], step: Step): readonly Step[] {
  const after = steps.findIndex(({ atMs }) => atMs > step.atMs)
  return steps.toSpliced(after === -1 ? steps.length : after, 0, step)
}
