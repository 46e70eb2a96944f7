/** What the page of the lab shows, and all that a user can do. */

import type { Theme } from '../../../src/http/page/state.ts'
import { storedTheme, themeAfter } from '../../../src/http/page/theme.ts'
import { Playground } from '../model/playground.ts'
import { formatScene, NODES_MAX, parseScene } from '../model/scene.ts'
import { AT_MS_MAX, STEPS_MAX, type Verb } from '../model/step.ts'
import { STORIES, type Story } from '../model/stories.ts'
import { Moving } from './moving.ts'

/** Virtual time as a multiple of real time. */
const FACTORS = { slowest: 0.1, slow: 0.3, usual: 1, fast: 10 } as const
export type Speed = keyof typeof FACTORS

export const SPEED_WORDS: Readonly<Record<Speed, string>> = {
  slowest: '0.1×',
  slow: '0.3×',
  usual: '1×',
  fast: '10×',
}

/** While nothing of a scene happens, time passes so many times as fast as here. */
export const SILENCE_FACTOR = 20

/** After a pause of the browser, as much real time passes at once at most, in ms. */
const FRAME_MS_MAX = 100

export class Lab {
  playground: Playground
  speed: Speed = 'usual'
  isPlaying = true
  selected = 1
  story: Story | undefined
  theme: Theme = storedTheme()
  /** Why a fragment is no scene, or a step is not taken. */
  mistake: string | undefined
  /** Whether the address of the scene was copied. */
  isCopied = false
  /** Whether the log of a node has its routine lines as well. */
  showsRoutine = false
  readonly moving = new Moving()
  /** The steps of the scene that was opened. */
  #stepsOpened = 0

  constructor(fragment: string, isPlaying: boolean) {
    this.playground = new Playground(parseScene(''))
    this.isPlaying = isPlaying
    this.open(fragment)
  }

  /** Opens the scene of a fragment. One that is none changes nothing. */
  open(fragment: string): void {
    try {
      const scene = parseScene(fragment)
      this.playground = new Playground(scene)
      this.mistake = undefined
      this.#stepsOpened = scene.steps.length
      const wasSlow = this.story?.isSlow === true && this.speed === 'slow'
      this.story = STORIES.find((one) => formatScene(parseScene(one.scene)) === formatScene(scene))
      this.selected = this.story?.select ?? 1
      if (this.story?.isSlow === true) this.speed = 'slow'
      else if (wasSlow) this.speed = 'usual'
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      this.mistake = `This link is no scene: ${why}`
    }
  }

  /** The fragment of the scene, with all that the user did. */
  get fragment(): string {
    return formatScene(this.playground.scene)
  }

  /** Whether the user has added a step to the scene that was opened. */
  get isChanged(): boolean {
    return this.playground.scene.steps.length > this.#stepsOpened
  }

  /** When a scene has shown all that its text says; of any other, when its last step comes. */
  get endMs(): number {
    if (this.story !== undefined && !this.isChanged) return this.story.endMs
    return this.playground.scene.steps.at(-1)?.atMs ?? 0
  }

  get hasEnded(): boolean {
    return this.playground.nowMs >= this.endMs
  }

  /** Whether a silence passes quickly. */
  get isFast(): boolean {
    return this.isPlaying && !this.hasEnded && this.playground.isQuiet
  }

  /** So much real time has passed. */
  pass(realMs: number): void {
    const { playground, speed } = this
    const ms = Math.min(realMs, FRAME_MS_MAX)
    if (this.isFast) {
      const untilMs = playground.nowMs + ms * SILENCE_FACTOR
      playground.runWhileQuiet(Math.min(untilMs, this.endMs))
    } else if (this.isPlaying) {
      playground.run(playground.nowMs + ms * FACTORS[speed])
    }
    if (playground.problem !== undefined) this.isPlaying = false
  }

  show(story: Story): void {
    this.open(story.scene)
    this.isPlaying = true
  }

  /** The scene from its beginning, with all that the user did. */
  replay(): void {
    this.playground = new Playground(this.playground.scene)
    this.isPlaying = true
  }

  togglePlaying(): void {
    this.isPlaying = !this.isPlaying
  }

  stepOnce(): void {
    this.isPlaying = false
    this.playground.stepOnce()
  }

  act(verb: Verb, ...numbers: readonly number[]): void {
    const { nowMs, scene } = this.playground
    const isFull = scene.steps.length >= STEPS_MAX || nowMs >= AT_MS_MAX
    this.mistake = isFull ? `A scene has ${STEPS_MAX} steps at most, within a day` : undefined
    if (!isFull) this.playground.act(verb, numbers)
  }

  /** Starts a node that is new. */
  add(verb: 'start' | 'plain'): void {
    const { nextNumber } = this.playground
    if (nextNumber > NODES_MAX) return
    this.act(verb, nextNumber)
    this.selected = nextNumber
  }

  nextTheme(): void {
    this.theme = themeAfter(this.theme)
  }
}

/** What each view gets. */
export interface LabProperties {
  readonly lab: Lab
  /** Carries out an action of the user. */
  readonly change: (action: () => void) => void
}
