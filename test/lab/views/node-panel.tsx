/** One node: its three lists, its address book, its messages, what its core took and gave. */

import type { ComponentChildren } from 'preact'
import type { MessageLine, NodeView } from '../model/node-view.ts'
import { NODES_MAX } from '../model/scene.ts'
import { clockText } from '../page/moving.ts'
import type { LabProperties } from '../page/state.ts'
import { STATE_WORDS } from './picture.tsx'

export function NodePanel({ view, lab, change }: LabProperties & { readonly view: NodeView }) {
  const { trace } = lab.playground
  const lines = lab.showsRoutine ? trace.of(view.name) : trace.newsOf(view.name)
  const shown = lab.isPlaying ? lines.slice(0, LINES_PLAYING) : lines
  return (
    <section id="node" aria-label={`Node: ${view.name}`}>
      <h2>
        {view.name} <span class={`state ${view.state}`}>{STATE_WORDS[view.state]}</span>{' '}
        <code>{view.address}</code>
        {view.id !== undefined && (
          <>
            {' '}
            <span class="hint">id</span> <code>{view.id}</code>
          </>
        )}
      </h2>
      <Actions view={view} lab={lab} change={change} />
      <div class="lists">
        <List name="knownPeers" items={view.knownPeers} />
        <List name="connectedAddresses" items={view.connectedAddresses} />
        <List name="attemptingToConnectToAddress" items={view.attemptingToConnectToAddress} />
      </div>
      <Fold title="Address book" count={view.book.length}>
        <ul class="rows">
          {view.book.map(({ address, isKnown, text }) => (
            <li key={address}>
              <code>{withoutScheme(address)}</code> {text}
              {isKnown && <span class="hint"> known peer</span>}
            </li>
          ))}
        </ul>
      </Fold>
      {view.received.length > 0 && (
        <Fold title="Messages" count={view.received.length}>
          <ul class="rows">
            {view.received.map((line) => (
              <li key={line.owner}>
                <label>
                  from {line.owner} <meter min={0} max={Math.max(line.of, 1)} value={line.count} />{' '}
                  {receivedText(line)}
                </label>
              </li>
            ))}
          </ul>
        </Fold>
      )}
      <Fold title="Linked nodes" count={view.linkedTo.length}>
        <ul class="rows">
          {view.linkedTo.map(({ number, name }) => (
            <li key={number}>
              {name}
              {/* A step names nodes, and a stranger has no number. */}
              {Math.max(number, view.number) <= NODES_MAX && (
                <>
                  <button
                    type="button"
                    title="Both ends get an error"
                    onClick={() => change(() => lab.act('reset', view.number, number))}
                  >
                    Reset
                  </button>
                  <button
                    type="button"
                    title="It carries nothing any more, and neither end gets an error"
                    onClick={() => change(() => lab.act('cut', view.number, number))}
                  >
                    Cut
                  </button>
                </>
              )}
            </li>
          ))}
        </ul>
      </Fold>
      <Fold title="Received (<-) and sent, and what its core did" count={lines.length}>
        <label class="hint">
          <input
            type="checkbox"
            checked={lab.showsRoutine}
            onChange={() =>
              change(() => {
                lab.showsRoutine = !lab.showsRoutine
              })
            }
          />{' '}
          Show all: also timers, pings, FEED, WANT, and a HANDSHAKE that repeats an earlier one
        </label>
        <ol class="rows trace" tabIndex={0} aria-label="Inputs and outputs, the newest first">
          {shown.map(({ atMs, number, text }) => (
            <li key={number}>
              <time>{clockText(atMs)}</time> <code>{text}</code>
            </li>
          ))}
        </ol>
      </Fold>
    </section>
  )
}

function Actions({ view, lab, change }: LabProperties & { readonly view: NodeView }) {
  const { number, state } = view
  if (state === 'stranger') return <p class="hint">It is no node, and has no lists.</p>
  const act = (verb: Parameters<typeof lab.act>[0]) => () => change(() => lab.act(verb, number))
  if (state === 'ended') {
    return (
      <p class="actions">
        <button type="button" onClick={act(view.isPlain ? 'plain' : 'start')}>
          Restart
        </button>
      </p>
    )
  }
  return (
    <p class="actions">
      {!view.isPlain && (
        <button type="button" class="first" onClick={act('publish')}>
          Publish a message
        </button>
      )}
      <button type="button" onClick={act('kill')}>
        Kill
      </button>
      <button
        type="button"
        title="The machine loses power: no connection gets an error"
        onClick={act('unplug')}
      >
        Cut the power
      </button>
      <button type="button" onClick={act(state === 'frozen' ? 'thaw' : 'freeze')}>
        {state === 'frozen' ? 'Continue' : 'Freeze'}
      </button>
    </p>
  )
}

function List({ name, items }: { readonly name: string; readonly items: readonly string[] }) {
  return (
    <div>
      <h3>
        {name} <span class="hint">{items.length}</span>
      </h3>
      <ul data-list={name}>
        {items.map((item) => (
          <li key={item}>{items.length > FEW_ITEMS ? portOf(item) : withoutScheme(item)}</li>
        ))}
      </ul>
    </div>
  )
}

function Fold({
  title,
  count,
  children,
}: {
  readonly title: string
  readonly count: number
  readonly children: ComponentChildren
}) {
  return (
    <details open>
      <summary>
        {title} <span class="hint">{count}</span>
      </summary>
      {children}
    </details>
  )
}

function receivedText({ count, of, before }: MessageLine): string {
  const received = `received ${count} of ${of}`
  if (before === 0) return received
  const earlier = before === 1 ? '1 was' : `${before} were`
  return `${received}; ${earlier} published before this node started`
}

/** Of a core that runs, the newest lines suffice: nobody reads what moves away. */
const LINES_PLAYING = 20

/** Longer lists have only the ports, which are the numbers of the nodes. */
const FEW_ITEMS = 12

function portOf(address: string): string {
  return address.replace(/^ws:\/\/localhost:/, '')
}

function withoutScheme(address: string): string {
  return address.replace(/^ws:\/\//, '')
}
