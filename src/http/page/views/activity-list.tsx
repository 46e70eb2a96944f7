/** Which nodes joined, stopped or were lost, the newest on top. */

import type { Activity } from '../model/activity.ts'
import { ago, clock } from '../model/text-formats.ts'

const SIGNS = { joined: '+', stopped: '−', lost: '✕', other: '·' } as const

export function ActivityList({
  activities,
  nowMs,
}: {
  readonly activities: readonly Activity[]
  readonly nowMs: number
}) {
  if (activities.length === 0) return <p class="hint">Nothing has changed yet.</p>
  return (
    <ol id="log" aria-label="Nodes that joined, stopped or were lost" tabIndex={0}>
      {activities.map(({ at, change, text, details }) => (
        <li key={`${at} ${text}`} class={change} title={details.join('\n')}>
          <span class="sign" aria-hidden="true">
            {SIGNS[change]}
          </span>
          <span class="text">{text}</span>
          <time dateTime={at} title={clock(at, nowMs)}>
            {ago(at, nowMs)}
          </time>
        </li>
      ))}
    </ol>
  )
}
