/** The whole page as a function of its state. */

import { activitiesOf } from '../model/activity.ts'
import { figuresOf } from '../model/figures.ts'
import { nameIn, nodeNowMs, type Scene, type State } from '../state.ts'
import type { Actions } from './actions.ts'
import { ActivityList } from './activity-list.tsx'
import { Drawing } from './drawing.tsx'
import { Glance } from './glance.tsx'
import { Legend } from './legend.tsx'
import { Matrix } from './matrix.tsx'
import { Messages } from './messages.tsx'
import { NodeTable } from './node-table.tsx'
import { Choice } from './parts.tsx'
import { TopBar } from './top-bar.tsx'

export function App({ state, actions }: { readonly state: State; readonly actions: Actions }) {
  const { scene } = state
  if (scene === undefined) return <TopBar state={state} actions={actions} />
  const { health } = scene
  const nowMs = nodeNowMs(state)
  const figures = figuresOf(scene.status, scene.graph, state.traffic?.perSecond, nowMs)
  return (
    <>
      <TopBar state={state} actions={actions} />
      <Glance
        figures={figures}
        trends={state.trends}
        health={health}
        hint={hintOf(scene)}
        actions={actions}
      />
      <main>
        <Picture state={state} scene={scene} actions={actions} />
        <NodeTable state={state} scene={scene} actions={actions} />
        <section id="pane" aria-label="Activity and messages">
          <Choice
            label="Show"
            options={{ activity: 'Activity', messages: 'Messages' }}
            value={state.pane}
            onChoose={actions.showPane}
          />
          {state.pane === 'activity' ? (
            <ActivityList
              activities={activitiesOf(scene.status.log, (address) => nameIn(scene, address))}
              nowMs={nowMs}
            />
          ) : (
            <Messages state={state} scene={scene} actions={actions} />
          )}
        </section>
      </main>
    </>
  )
}

function Picture({
  state,
  scene,
  actions,
}: {
  readonly state: State
  readonly scene: Scene
  readonly actions: Actions
}) {
  const { graph, names } = scene
  const [hovered, selected] = [state.hovered, state.selected].map((address) =>
    // One that is no node any more has no lines.
    graph.indexOf(address) === undefined ? undefined : address,
  )
  const focus = hovered ?? selected
  const content = { graph, names, focus, selected, actions }
  return (
    <section id="picture" aria-label="Connections">
      <Choice
        label="Picture"
        options={{ circle: 'Circle', matrix: 'Matrix' }}
        value={state.picture}
        onChoose={actions.showPicture}
      />
      {state.picture === 'circle' ? <Drawing {...content} /> : <Matrix {...content} />}
      <Legend graph={graph} picture={state.picture} focus={focus} />
    </section>
  )
}

/** A node alone is a mesh; whoever sees it first wants more. */
function hintOf({ status, graph }: Scene): string {
  if (!status.complete || graph.nodes.length > 1) return ''
  const secret = (status.keys ?? []).length > 0 ? ' and the same secret' : ''
  return `Start another node with KNOWN_PEERS=${status.node.address} in its .env${secret}: it appears here.`
}
