/** The figures, and below them what is wrong, one line each. */

import type { Figure } from '../model/figures.ts'
import type { Problem } from '../model/health.ts'
import type { Actions } from './actions.ts'

export function Glance({
  figures,
  problems,
  hint,
  actions,
}: {
  readonly figures: readonly Figure[]
  readonly problems: readonly Problem[]
  readonly hint: string
  readonly actions: Actions
}) {
  return (
    <section id="glance" aria-label="At a glance">
      <dl>
        {figures.map(({ label, value, of, isShort }) => (
          <div key={label} class={isShort ? 'short' : ''}>
            <dt>{label}</dt>
            <dd>
              {value}
              <span>{of}</span>
            </dd>
          </div>
        ))}
      </dl>
      <ul id="problems" aria-label="Problems">
        {problems.map(({ text, addresses }) => (
          <li key={text}>
            <button type="button" onClick={() => actions.select(addresses[0])}>
              {text}
            </button>
          </li>
        ))}
        {hint !== '' && <li class="hint">{hint}</li>}
      </ul>
    </section>
  )
}
