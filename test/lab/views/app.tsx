/** The whole lab as a function of its state. */

import { Choice } from '../../../src/http/page/views/parts.tsx'
import { meshOf, summaryOf } from '../model/mesh-view.ts'
import { marksOf, viewOf } from '../model/node-view.ts'
import { FIRST_STORIES } from '../model/stories.ts'
import { clockText } from '../page/moving.ts'
import { type LabProperties, SILENCE_FACTOR, SPEED_WORDS } from '../page/state.ts'
import { NodePanel } from './node-panel.tsx'
import { Legend, Picture } from './picture.tsx'
import { Stories } from './story-list.tsx'
import { Tools } from './tools.tsx'

export function App({
  lab,
  change,
  copyLink,
}: LabProperties & { readonly copyLink: () => Promise<void> }) {
  const { playground } = lab
  const marks = marksOf(playground)
  const view = viewOf(playground, lab.selected)
  return (
    <>
      <TopBar lab={lab} change={change} copyLink={copyLink} />
      {lab.mistake !== undefined && (
        <p class="alert" role="alert">
          {lab.mistake}
        </p>
      )}
      {playground.problem !== undefined && (
        <p class="alert" role="alert">
          Stopped, because a rule does not hold: {playground.problem}. Please report it with the
          address of this page.
        </p>
      )}
      <main>
        <section id="stage" aria-label="The mesh">
          <Player lab={lab} change={change} />
          <Watch lab={lab} change={change} />
          <Progress lab={lab} />
          <div class="view">
            <div>
              <Picture marks={marks} lab={lab} change={change} />
            </div>
            <Legend />
          </div>
          <Tools lab={lab} marks={marks} change={change} />
        </section>
        <Stories lab={lab} change={change} />
        {view !== undefined && <NodePanel view={view} lab={lab} change={change} />}
      </main>
    </>
  )
}

const THEME_WORDS = { auto: 'Auto', light: 'Light', dark: 'Dark' } as const

function TopBar({
  lab,
  change,
  copyLink,
}: LabProperties & { readonly copyLink: () => Promise<void> }) {
  const mesh = meshOf(lab.playground)
  const { isComplete } = mesh
  return (
    <header>
      <p class="brand">
        <strong>Fullmesh lab</strong>
        <span>virtual nodes with the real core</span>
      </p>
      <h1 class={`pill ${isComplete ? 'good' : 'warning'}`}>
        <span class="sign" aria-hidden="true">
          {isComplete ? '✓' : '!'}
        </span>
        <span id="summary">{summaryOf(mesh)}</span>
      </h1>
      <nav aria-label="This scene">
        <button type="button" id="copy-link" onClick={copyLink}>
          {lab.isCopied ? 'Copied' : 'Copy link'}
        </button>
        <button
          type="button"
          id="theme"
          title="Colors"
          aria-label={`Colors: ${THEME_WORDS[lab.theme]}`}
          onClick={() => change(() => lab.nextTheme())}
        >
          {THEME_WORDS[lab.theme]}
        </button>
      </nav>
    </header>
  )
}

/** Virtual time: whether it passes, and how fast. */
function Player({ lab, change }: LabProperties) {
  return (
    <div class="player">
      <button type="button" class="first" onClick={() => change(() => lab.togglePlaying())}>
        {lab.isPlaying ? 'Pause' : 'Play'}
      </button>
      <button
        type="button"
        title="Runs until the next packet leaves or arrives"
        onClick={() => change(() => lab.stepOnce())}
      >
        Step
      </button>
      <button type="button" onClick={() => change(() => lab.replay())}>
        From the start
      </button>
      <Choice
        label="Speed"
        options={SPEED_WORDS}
        value={lab.speed}
        onChoose={(speed) =>
          change(() => {
            lab.speed = speed
          })
        }
      />
      <span class="time">
        <span class="visually-hidden">Virtual time </span>
        <span id="clock" class={lab.isFast ? 'fast' : ''}>
          {clockText(lab.playground.nowMs)}
        </span>
      </span>
    </div>
  )
}

/** What to look at, and where to begin for whoever comes first. */
function Watch({ lab, change }: LabProperties) {
  const { story } = lab
  const at = story === undefined ? -1 : FIRST_STORIES.indexOf(story)
  const next = story === undefined || at >= 0 ? FIRST_STORIES[at + 1] : undefined
  return (
    <p id="watch">
      {story === undefined ? (
        'Each mark is a node that runs the real code. Three scenes show why a mesh becomes complete.'
      ) : (
        <>
          <strong>{story.name}.</strong> {story.watch}
        </>
      )}{' '}
      {story !== undefined && lab.isChanged && (
        <>
          You have changed this scene, so it may go another way.{' '}
          <button type="button" onClick={() => change(() => lab.show(story))}>
            Play it unchanged
          </button>{' '}
        </>
      )}
      {next !== undefined && (
        <button type="button" onClick={() => change(() => lab.show(next))}>
          {story === undefined ? 'Start' : 'Next'}: {next.name}
        </button>
      )}
    </p>
  )
}

/** Where the scene is: when it ends, or that it has ended. */
function Progress({ lab }: Pick<LabProperties, 'lab'>) {
  const isWhole = lab.story !== undefined && !lab.isChanged
  if (lab.hasEnded && !isWhole) return null
  const what = isWhole ? 'The scene ends' : 'The last step comes'
  return (
    <p id="progress" class="hint">
      {lab.hasEnded
        ? 'The scene has ended. The mesh runs on.'
        : `${what} at ${clockText(lab.endMs)}. While nothing happens, time passes at ${SILENCE_FACTOR}×.`}
    </p>
  )
}
