/** The lab in a browser: time passes with each frame, and the views follow. */

import { render } from 'preact'
import { copyText } from '../../../src/http/page/clipboard.ts'
import { announcementOf, meshOf } from '../model/mesh-view.ts'
import { App } from '../views/app.tsx'
import { Lab } from './state.ts'

/** How often the lists are drawn again, in ms; what moves is drawn with each frame. */
const LISTS_MS = 100

/** A large mesh takes long to draw: most of the time is for what moves. */
const LISTS_PART = 0.2

/** How long a button tells that it has copied. */
const COPIED_MS = 1500

const root = document.getElementById('page') ?? document.body
const announced = document.getElementById('announced')
// With less motion the picture stands still at first.
const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
const lab = new Lab(location.hash, !isStill)

let nextListsMs = 0
let lastMs = performance.now()
let copiedTimer: ReturnType<typeof setTimeout> | undefined

/** Each action is followed by a picture, and by an address that has it. */
function change(action: () => void): void {
  const { story } = lab
  action()
  const fragment = `#${lab.fragment}`
  if (lab.mistake === undefined && location.hash !== fragment)
    history.replaceState(null, '', fragment)
  draw()
  if (lab.story !== story) showStory()
}

/** On a phone the scenes are far below the picture. */
function showStory(): void {
  root.querySelector('#stories .shown')?.scrollIntoView({ block: 'nearest' })
  scrollTo({ top: 0 })
}

async function copyLink(): Promise<void> {
  if (!(await copyText(location.href))) return
  change(() => {
    lab.isCopied = true
  })
  clearTimeout(copiedTimer)
  copiedTimer = setTimeout(
    () =>
      change(() => {
        lab.isCopied = false
      }),
    COPIED_MS,
  )
}

function draw(): void {
  const startedMs = performance.now()
  document.documentElement.dataset['theme'] = lab.theme
  render(<App lab={lab} change={change} copyLink={copyLink} />, root)
  lab.moving.draw(root, lab.playground, lab.selected)
  announce()
  const tookMs = performance.now() - startedMs
  nextListsMs = startedMs + Math.max(LISTS_MS, tookMs / LISTS_PART)
}

/** For screen readers: whether the mesh is complete, and the end of a scene. */
function announce(): void {
  const mesh = announcementOf(meshOf(lab.playground))
  const hasEnded = lab.story !== undefined && !lab.isChanged && lab.hasEnded
  const text = hasEnded ? `${mesh}. The scene has ended` : mesh
  if (announced !== null && announced.textContent !== text) announced.textContent = text
}

function frame(nowMs: number): void {
  const wasPlaying = lab.isPlaying
  lab.pass(nowMs - lastMs)
  lastMs = nowMs
  // It stops by itself when a rule does not hold, which the views then say.
  const hasStopped = wasPlaying && !lab.isPlaying
  if (hasStopped || (lab.isPlaying && nowMs >= nextListsMs)) draw()
  else lab.moving.draw(root, lab.playground, lab.selected)
  requestAnimationFrame(frame)
}

addEventListener('hashchange', () => {
  if (location.hash !== `#${lab.fragment}`) change(() => lab.open(location.hash))
})

change(() => {})
requestAnimationFrame(frame)
