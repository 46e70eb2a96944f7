/** A scene: a seed and steps, as the fragment of a URL. The same text plays the same scene. */

import { formatStep, LATENCY_MS_MAX, parseSteps, type Step } from './step.ts'

/** The most nodes of a scene: more are no picture any more. */
export const NODES_MAX = 50

/** The largest pause between the starts of two nodes, in ms. */
const PAUSE_MS_MAX = 60_000

/** Seeds are as large as those of `npm run sim`. */
const SEED_MAX = Number.MAX_SAFE_INTEGER

/** What each node has in known-peers.json: the first node, the one before it, or all. */
const KNOWLEDGE = ['first', 'before', 'all'] as const
export type Knowledge = (typeof KNOWLEDGE)[number]

/** What a scene begins with. */
export type Setting =
  | {
      readonly kind: 'own'
      readonly seed: number
      /** These start by themselves, `pauseMs` apart. */
      readonly nodes: number
      readonly pauseMs: number
      readonly known: Knowledge
      readonly latencyMs: number
    }
  /** The plan of a seed of `npm run sim`, without some of its faults. */
  | { readonly kind: 'sim'; readonly seed: number; readonly without: readonly number[] }

export interface Scene {
  readonly setting: Setting
  /** In the order of their times. */
  readonly steps: readonly Step[]
}

/** What a scene has of which its text says nothing. */
const USUAL = { seed: 1, nodes: 5, pause: 500, known: 'first', latency: 300 } as const

/**
 * The scene of a fragment, with or without its `#`.
 *
 * @throws {RangeError} that names what is wrong with the text
 */
export function parseScene(fragment: string): Scene {
  const fields = new URLSearchParams(fragment.replace(/^#/, ''))
  const count = (name: string, usual: number, min: number, max: number): number => {
    const text = fields.get(name) ?? String(usual)
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (value >= min && value <= max) return value
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not '${text}'`)
  }
  const steps = parseSteps(fields.get('steps') ?? '', NODES_MAX)
  if (fields.has('sim')) {
    const list = fields.get('without') ?? ''
    if (!/^[\d,]*$/.test(list)) {
      throw new RangeError(`without must be numbers of faults, such as 0,2, not '${list}'`)
    }
    const without = list.split(',').filter(Boolean).map(Number)
    return { setting: { kind: 'sim', seed: count('sim', 1, 0, SEED_MAX), without }, steps }
  }
  const text = fields.get('known') ?? USUAL.known
  const known = KNOWLEDGE.find((one) => one === text)
  if (known === undefined) {
    throw new RangeError(`known must be one of ${KNOWLEDGE.join(', ')}, not '${text}'`)
  }
  const setting = {
    kind: 'own',
    seed: count('seed', USUAL.seed, 0, SEED_MAX),
    nodes: count('nodes', USUAL.nodes, 0, NODES_MAX),
    pauseMs: count('pause', USUAL.pause, 0, PAUSE_MS_MAX),
    known,
    latencyMs: count('latency', USUAL.latency, 1, LATENCY_MS_MAX),
  } as const
  return { setting, steps }
}

/** The fragment of a scene, without `#`. */
export function formatScene({ setting, steps }: Scene): string {
  const fields =
    setting.kind === 'sim'
      ? [
          `sim=${setting.seed}`,
          ...(setting.without.length > 0 ? [`without=${setting.without}`] : []),
        ]
      : [
          `seed=${setting.seed}`,
          `nodes=${setting.nodes}`,
          `pause=${setting.pauseMs}`,
          `known=${setting.known}`,
          `latency=${setting.latencyMs}`,
        ]
  if (steps.length > 0) fields.push(`steps=${steps.map(formatStep).join(';')}`)
  return fields.join('&')
}
