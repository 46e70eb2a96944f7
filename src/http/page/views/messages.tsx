/** Follows a pattern and publishes: two windows on two nodes are a chat. */

import { Component, createRef } from 'preact'
import { clock, counted, duration } from '../model/text-formats.ts'
import type { TopicEntry } from '../model/topic-entries.ts'
import { nameIn, type Scene, type State } from '../state.ts'
import type { Actions } from './actions.ts'

interface MessagesContent {
  readonly state: State
  readonly scene: Scene
  readonly actions: Actions
}

/** A reader who is this near to the end sees what comes, in px. */
const NEAR_END = 40

export class Messages extends Component<MessagesContent> {
  readonly #list = createRef<HTMLDivElement>()
  #isAtEnd = true

  override componentDidUpdate(): void {
    const list = this.#list.current
    if (list !== null && this.#isAtEnd) list.scrollTop = list.scrollHeight
  }

  override render({ state, scene, actions }: MessagesContent) {
    const { pattern, phase, problem, entries } = state.topics
    if (phase === 'refused') return <p class="hint refused">{problem}</p>
    const unsent = state.traffic?.unsent ?? 0
    return (
      <div id="messages">
        <form class="follow" onSubmit={(event) => follow(event, actions)}>
          <label>
            Topics
            <input name="pattern" defaultValue={pattern} required autocomplete="off" />
          </label>
          <button type="submit">Follow</button>
          <span class="hint">
            {phase === 'opening' ? 'connecting' : '> is all, a.* one more word'}
          </span>
        </form>
        <div
          ref={this.#list}
          role="log"
          tabIndex={0}
          aria-label="Messages"
          onScroll={({ currentTarget }) => {
            const { scrollHeight, scrollTop, clientHeight } = currentTarget
            this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR_END
          }}
        >
          <ol>
            {entries.map((entry) => (
              <Entry key={entry.key} entry={entry} scene={scene} nowMs={state.nowMs} />
            ))}
          </ol>
        </div>
        {unsent > 0 && (
          <p class="lag">Peers lag: {counted(unsent, 'message')} of this node not sent yet.</p>
        )}
        {problem !== '' && (
          <p class="lag" role="alert">
            {problem}
          </p>
        )}
        <form class="publish" onSubmit={(event) => publish(event, actions)}>
          <input name="topic" aria-label="Topic" defaultValue="chat" required autocomplete="off" />
          <input
            name="text"
            aria-label="Message"
            placeholder="Message"
            required
            autocomplete="off"
          />
          <button type="submit">Publish</button>
        </form>
      </div>
    )
  }
}

function Entry({
  entry,
  scene,
  nowMs,
}: {
  readonly entry: TopicEntry
  readonly scene: Scene
  readonly nowMs: number
}) {
  const from = entry.from === null ? 'a node that is gone' : nameIn(scene, entry.from)
  if (entry.kind === 'gap') {
    return <li class="gap">{`${counted(entry.count, 'message')} of ${from} missing`}</li>
  }
  const at = new Date(entry.atMs).toISOString()
  return (
    <li class={entry.from === scene.status.node.address ? 'own' : ''}>
      <time dateTime={at}>{clock(at, nowMs)}</time>
      <b>{from}</b>
      <i>{entry.topic}</i>
      <span class="body">{entry.body}</span>
      {entry.lateMs > 0 && <em>{duration(entry.lateMs)} late</em>}
    </li>
  )
}

function follow(event: SubmitEvent, actions: Actions): void {
  event.preventDefault()
  const { pattern } = fieldsOf(event)
  if (pattern) actions.follow(pattern)
}

async function publish(event: SubmitEvent, actions: Actions): Promise<void> {
  event.preventDefault()
  const { topic = '', text = '' } = fieldsOf(event)
  const { currentTarget: form } = event
  const field = form instanceof HTMLFormElement ? form.elements.namedItem('text') : null
  if (text === '' || !(field instanceof HTMLInputElement)) return
  // At once, so that the next text is written meanwhile, and Enter publishes no text twice.
  field.value = ''
  const isPublished = await actions.publish(topic, text)
  if (!isPublished && field.value === '') field.value = text
}

function fieldsOf({ currentTarget }: SubmitEvent): Readonly<Record<string, string>> {
  if (!(currentTarget instanceof HTMLFormElement)) return {}
  const fields = [...new FormData(currentTarget)]
  return Object.fromEntries(fields.map(([name, value]) => [name, String(value).trim()]))
}
