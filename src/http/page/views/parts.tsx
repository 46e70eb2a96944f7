/** Small parts that several views have. */

import type { GraphNode } from '../model/graph.ts'
import { markPath } from '../model/node-marks.ts'

/** Some buttons of which one is chosen. */
export function Choice<Value extends string>({
  label,
  options,
  value,
  onChoose,
}: {
  readonly label: string
  readonly options: Readonly<Record<Value, string>>
  readonly value: Value
  readonly onChoose: (value: Value) => void
}) {
  const entries: [string, string][] = Object.entries(options)
  const isValue = (text: string): text is Value => text in options
  return (
    <div class="choice" role="group" aria-label={label}>
      {entries.map(([name, text]) => (
        <button
          type="button"
          key={name}
          aria-pressed={name === value}
          onClick={() => isValue(name) && onChoose(name)}
        >
          {text}
        </button>
      ))}
    </div>
  )
}

/** The text of a class attribute: a name, and those that apply. */
export function classes(name: string, others: Readonly<Record<string, boolean>>): string {
  return [name, ...Object.keys(others).filter((other) => others[other])].join(' ')
}

/** The mark of a state, as in the drawing. */
export function StateMark({ state }: { readonly state: GraphNode['state'] }) {
  return (
    <svg class="state-mark" viewBox="-9 -9 18 18" width="14" height="14" aria-hidden="true">
      <g class={`node ${state}`}>
        <path class="mark" d={markPath(state, 6)} />
      </g>
    </svg>
  )
}
