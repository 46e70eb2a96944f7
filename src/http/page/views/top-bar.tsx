/** Whose page it is, the state of the mesh in a pill, links, and the theme. */

import { pillOf } from '../model/pill.ts'
import { secretHelp, securityText } from '../model/security.ts'
import type { Scene, State } from '../state.ts'
import type { Actions } from './actions.ts'

const PILL_SIGNS = { good: '✓', warning: '!', bad: '✕' } as const

const THEME_WORDS = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const

export function TopBar({ state, actions }: { readonly state: State; readonly actions: Actions }) {
  const { status } = state.scene ?? {}
  const { level, text } = pillOf(state)
  return (
    <header>
      <p class="brand">
        <strong>Fullmesh</strong>
        {status && (
          <>
            <span title="the version of this node">{status.node.version}</span>
            <span id="own">
              {status.node.address} in mesh {status.node.mesh}
            </span>
            <Security status={status} />
          </>
        )}
      </p>
      <h1 class={`pill ${level}`}>
        <span class="sign" aria-hidden="true">
          {PILL_SIGNS[level]}
        </span>
        <span id="summary">{text}</span>
      </h1>
      <nav aria-label="This node">
        <a href="peers" target="_blank" rel="noopener">
          Status
        </a>
        <a href="metrics" target="_blank" rel="noopener">
          Metrics
        </a>
        <Help status={status} />
        <button
          type="button"
          id="theme"
          title="Colors"
          aria-label={`Colors: ${THEME_WORDS[state.theme]}`}
          onClick={actions.nextTheme}
        >
          {THEME_WORDS[state.theme]}
        </button>
      </nav>
    </header>
  )
}

function Security({ status }: Pick<Scene, 'status'>) {
  return (
    <a id="security" href="#help-secret" title={secretHelp(status)}>
      {securityText(status)}
    </a>
  )
}

/** What a reader of the page needs, and a link to the docs that the node itself serves. */
function Help({ status }: { readonly status: Scene['status'] | undefined }) {
  return (
    <details id="help">
      <summary>Help</summary>
      <div>
        <p>
          Each mark is a node, each line a connection between two nodes. The mesh is complete when
          every node is connected to every other.
        </p>
        <p>
          A red square is a node that cannot be reached: see on its machine whether it runs. When it
          is back, it is connected by itself. An amber diamond is a node that is connected, but does
          not answer: if it lasts, restart it.
        </p>
        {status && <p id="help-secret">{secretHelp(status)}</p>}
        <p>Select a node in the picture or in the table to see its connections and its details.</p>
        <p>
          <a href="help" target="_blank" rel="noopener">
            Commands and settings
          </a>
          : <code>node index.js --help</code> lists them, too, and <code>node index.js status</code>{' '}
          shows this status in a terminal. The folder <code>docs</code> of the project explains how
          a mesh forms, messages and operation.
        </p>
      </div>
    </details>
  )
}
