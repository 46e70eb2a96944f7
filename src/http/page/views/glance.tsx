/** The figures, and below them what is wrong, one line each. */

import type { Figure } from '../model/figures.ts'
import type { Health } from '../model/health.ts'
import { type Trends, trendPath } from '../model/trends.ts'
import type { Actions } from './actions.ts'

export function Glance({
  figures,
  trends,
  health: { level, problems },
  hint,
  actions,
}: {
  readonly figures: readonly Figure[]
  readonly trends: Trends
  readonly health: Health
  readonly hint: string
  readonly actions: Actions
}) {
  return (
    <section id="glance" aria-label="At a glance">
      <dl>
        {figures.map(({ label, value, of, isShort, trend }) => (
          <div key={label} class={isShort ? 'short' : ''}>
            <dt>{label}</dt>
            <dd>
              {value}
              <span>{of}</span>
              {trend && <Chart values={trends[trend]} />}
            </dd>
          </div>
        ))}
      </dl>
      <ul id="problems" class={level} aria-label="Problems">
        {problems.map(({ text, raw, addresses }) => (
          <li key={text}>
            {addresses.length === 0 ? (
              <span>{text}</span>
            ) : (
              <button type="button" title={raw} onClick={() => actions.select(addresses[0])}>
                {text}
              </button>
            )}
          </li>
        ))}
        {hint !== '' && <li class="hint">{hint}</li>}
      </ul>
    </section>
  )
}

/** Of the last minute. The figure beside it is the latest value. */
function Chart({ values }: { readonly values: readonly number[] }) {
  return (
    <svg class="chart" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
      <path d={trendPath(values) ?? ''} />
    </svg>
  )
}
