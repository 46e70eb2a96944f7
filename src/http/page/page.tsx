/**
 * The page of a node: sources of statuses, counts and messages change the state; each state is
 * drawn as a whole. Only sources/ uses the network.
 */

import { render } from 'preact'
import { Announcer } from './announcer.ts'
import { copyText } from './clipboard.ts'
import { medianTrip, membersOf } from './model/figures.ts'
import { type Phase, pillOf } from './model/pill.ts'
import { withoutScheme } from './model/short-names.ts'
import { withValues } from './model/trends.ts'
import { MetricsSource } from './sources/metrics-source.ts'
import { forgetPeer } from './sources/peer-changes.ts'
import { StatusSource } from './sources/status-source.ts'
import { TopicFeed } from './sources/topic-feed.ts'
import { INITIAL, type State, Store, sceneOf } from './state.ts'
import { storedTheme, themeAfter } from './theme.ts'
import type { Actions } from './views/actions.ts'
import { App } from './views/app.tsx'

/** Twice a second, so that no second is skipped. */
const TICK_MS = 500

/** How long a button tells that it has copied. */
const COPIED_MS = 1500

const root = document.getElementById('page') ?? document.body
const announcer = new Announcer(document.getElementById('announced') ?? document.body)
const narrow = matchMedia('(max-width: 45rem)')

let isDrawn = true
let copiedTimer: ReturnType<typeof setTimeout> | undefined

const store = new Store(
  { ...INITIAL, theme: storedTheme(), isNarrow: narrow.matches, nowMs: Date.now() },
  (state) => {
    tell(state)
    // Several changes in one frame are drawn once.
    if (isDrawn) requestAnimationFrame(draw)
    isDrawn = false
  },
)

const feed = new TopicFeed((topics) => store.set({ topics }))

const actions: Actions = {
  hover: (hovered) => {
    if (hovered !== store.state.hovered) store.set({ hovered })
  },
  select: (selected) => {
    store.set({ selected, refusal: '' })
    // On a phone that would scroll the picture away.
    if (selected !== undefined && !store.state.isNarrow) requestAnimationFrame(showSelected)
  },
  showPicture: (picture) => store.set({ picture }),
  showPane: (pane) => {
    const { topics, pane: before } = store.state
    store.set({ pane })
    if (pane === 'activity') feed.close()
    else if (pane !== before || topics.phase === 'refused') feed.resume()
  },
  nextTheme: () => store.set({ theme: themeAfter(store.state.theme) }),
  sort: (sortBy) => {
    const { state } = store
    store.set({ sortBy, isDescending: sortBy === state.sortBy && !state.isDescending })
  },
  // A row that goes tells nothing of the pointer.
  search: (search) => store.set({ search, hovered: undefined }),
  filterProblems: (problemsOnly) => store.set({ problemsOnly, hovered: undefined }),
  copy: async (text) => {
    if (!(await copyText(text))) return
    clearTimeout(copiedTimer)
    store.set({ copied: text })
    copiedTimer = setTimeout(() => store.set({ copied: undefined }), COPIED_MS)
  },
  forget: async (address) => {
    const refusal = await forgetPeer(address)
    if (store.state.selected === address) store.set({ refusal })
  },
  follow: (pattern) => feed.follow(pattern),
  publish: (topic, text) => feed.publish(topic, text),
}

function showSelected(): void {
  root.querySelector('tr.selected')?.scrollIntoView({ block: 'nearest' })
}

/** At once: a tab that is hidden draws no frames, and its title is seen. */
function tell(state: State): void {
  document.documentElement.dataset['theme'] = state.theme
  document.body.dataset['state'] = stateWord(state)
  document.title = titleOf(state)
}

function draw(): void {
  isDrawn = true
  render(<App state={store.state} actions={actions} />, root)
}

/** For style and tests. */
function stateWord({ phase, scene }: State): string {
  if (phase !== 'live' || scene === undefined) return phase
  return scene.health.level === 'good' ? 'complete' : 'incomplete'
}

function titleOf({ phase, scene }: State): string {
  if (scene === undefined) return 'Fullmesh'
  const { connected, expected } = membersOf(scene.status)
  const count = phase === 'unreachable' ? '?' : `${connected}/${expected}`
  return `${count} ${withoutScheme(scene.status.node.address)} · Fullmesh`
}

new StatusSource({
  onOpen: (aheadMs) => store.set({ aheadMs }),
  onStatus: (status) => {
    const scene = sceneOf(status, performance.now())
    store.set({ phase: 'live', scene, nowMs: Date.now() })
    announcer.show(status.log, pillOf(store.state).text)
  },
  onUnreachable: (reason) => becomeStale('unreachable', reason),
  onMismatch: () => becomeStale('mismatch', ''),
})

function becomeStale(phase: Phase, reason: string): void {
  store.set({ phase, reason, traffic: undefined })
  announcer.say(pillOf(store.state).text)
}

new MetricsSource(
  () => store.state.phase === 'live' && !document.hidden,
  (traffic) => {
    const { trends, scene } = store.state
    const roundTrip = traffic && scene && medianTrip(scene.status.peers)
    const values = { roundTrip, messages: traffic?.perSecond }
    store.set({ traffic, trends: withValues(trends, values) })
  },
)

setInterval(() => {
  if (store.state.phase === 'live' && !document.hidden) store.set({ nowMs: Date.now() })
}, TICK_MS)

narrow.addEventListener('change', () => store.set({ isNarrow: narrow.matches }))

addEventListener('keydown', ({ key }) => {
  if (key === 'Escape') actions.select(undefined)
})

tell(store.state)
draw()
