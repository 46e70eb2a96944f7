/** The mesh as an oval of nodes, the lines between them, and what is under way. */

import { Component, type ComponentChildren, createRef } from 'preact'
import { layOut, type Size } from '../../../src/http/page/model/layout.ts'
import { MeasuredBox } from '../../../src/http/page/views/measured-box.tsx'
import { classes } from '../../../src/http/page/views/parts.tsx'
import type { LinkState, LinkView } from '../model/link-view.ts'
import type { NodeMark, NodeState } from '../model/node-view.ts'
import { DOT_KINDS, type DotKind, type Point, SHAPES } from '../model/picture-paths.ts'
import { FEW_NODES } from '../page/moving.ts'
import type { Lab, LabProperties } from '../page/state.ts'

/** Each state has its own shape besides its colour, around 0, 0. */
const MARKS: Readonly<Record<NodeState, string>> = {
  complete: 'M-1 0a1 1 0 1 0 2 0a1 1 0 1 0-2 0z',
  incomplete: 'M-.85 0a.85.85 0 1 0 1.7 0a.85.85 0 1 0-1.7 0z',
  frozen: 'M-.9-.9h1.8v1.8h-1.8z',
  ended: 'M-.75-.75l1.5 1.5M.75-.75l-1.5 1.5',
  stranger: 'M0-1.1l1 1.9h-2z',
}

export const STATE_WORDS: Readonly<Record<NodeState, string>> = {
  complete: 'connected to all',
  incomplete: 'not connected to all',
  frozen: 'frozen',
  ended: 'ended',
  stranger: 'a stranger',
}

const DOT_WORDS: Readonly<Record<DotKind, string>> = {
  dial: 'dial: TCP connect',
  upgrade: 'upgrade request, or its answer',
  handshake: 'HANDSHAKE',
  message: 'published message',
  close: 'close, or reset',
  other: 'ping, pong, and others',
}

const LINE_WORDS: Readonly<Record<LinkState | 'own', string>> = {
  opening: 'being opened',
  open: 'connection',
  own: 'of the selected node',
  closing: 'being closed',
  dead: 'carries nothing any more',
}

interface WithChildren {
  readonly children: ComponentChildren
}

type PictureContent = LabProperties & { readonly marks: readonly NodeMark[] }

interface Pointed {
  /** The connection under the pointer, which a click cuts. */
  readonly link: LinkView | undefined
}

export class Picture extends Component<PictureContent, Pointed> {
  override state: Pointed = { link: undefined }
  readonly #box = createRef<HTMLDivElement>()

  override render() {
    const { link } = this.state
    return (
      <>
        <MeasuredBox box={this.#box} draw={(size) => this.#draw(size)} />
        <p class="hint cut-hint">
          {link === undefined
            ? 'Select a node to see its lists. Click a line to cut it.'
            : `${link.from.name} and ${link.to.name}: click to cut their connection, without an error at either end`}
        </p>
      </>
    )
  }

  #draw(size: Size) {
    const { marks, lab } = this.props
    const layout = layOut(
      marks.map((mark) => ({
        name: labelOf(mark, lab),
        weight: mark.number === lab.selected ? 2 : 1,
      })),
      size,
    )
    lab.moving.place(
      new Map(marks.flatMap(({ number }, index) => placed(number, layout.places[index]))),
    )
    const view = { viewBox: `0 0 ${size.width} ${size.height}` }
    const focused = marks.some(({ number }) => number === lab.selected)
    return (
      <>
        <svg
          class={classes('links', { many: marks.length > FEW_NODES })}
          aria-hidden="true"
          {...view}
        >
          {['open', 'opening', 'closing', 'dead', 'own', 'pointed'].map((state) => (
            <path key={state} class={`link ${state}`} data-moving={state} />
          ))}
        </svg>
        <svg
          class={classes('nodes', { cutting: this.state.link !== undefined })}
          font-size={layout.fontSize}
          {...view}
          onPointerMove={(event) => event.pointerType !== 'touch' && this.#point(event)}
          onPointerLeave={() => this.#show(undefined)}
          onClick={(event) => this.#cut(event)}
        >
          <g role="listbox" aria-label="Nodes; move with the arrow keys">
            {marks.map((mark, index) => {
              const { number, name, state } = mark
              const place = layout.places[index]
              const isSelected = number === lab.selected
              return (
                <g
                  key={number}
                  role="option"
                  class={classes(`node ${state}`, { selected: isSelected })}
                  data-node={number}
                  tabIndex={isSelected || (!focused && index === 0) ? 0 : -1}
                  aria-selected={isSelected}
                  aria-label={`${name}, ${STATE_WORDS[state]}`}
                  transform={`translate(${place?.x} ${place?.y})`}
                  onClick={() => this.#select(number)}
                  onFocus={() => this.#select(number)}
                  onKeyDown={(event) => this.#handleKey(event, index)}
                >
                  <circle class="reach" r="22" />
                  <path class="mark" transform={`scale(${layout.markRadius})`} d={MARKS[state]} />
                </g>
              )
            })}
          </g>
          <g class="texts" aria-hidden="true">
            {marks.map((mark, index) => {
              const label = layout.places[index]?.label
              if (!label?.isShown) return null
              return (
                <text
                  key={mark.number}
                  class={classes(`name ${mark.state}`, { selected: mark.number === lab.selected })}
                  x={label.x}
                  y={label.y}
                  dy="0.35em"
                  text-anchor={label.anchor}
                >
                  {labelOf(mark, lab)}
                </text>
              )
            })}
          </g>
        </svg>
        <svg class="dots" aria-hidden="true" {...view}>
          {DOT_KINDS.map((kind) => (
            <path key={kind} class={`dot ${kind}`} data-moving={kind} />
          ))}
        </svg>
      </>
    )
  }

  #point(event: MouseEvent): void {
    this.#show(this.#linkAt(event))
  }

  #show(link: LinkView | undefined): void {
    if (link === undefined) this.props.lab.moving.point(undefined)
    if (link !== this.state.link) this.setState({ link })
  }

  #cut(event: MouseEvent): void {
    const link = this.#linkAt(event)
    this.#show(undefined)
    if (link === undefined) return
    const { change, lab } = this.props
    change(() => lab.act('cut', link.from.index + 1, link.to.index + 1))
  }

  /** The connection at this place, unless a node is there. */
  #linkAt({ clientX, clientY, target }: MouseEvent): LinkView | undefined {
    const box = this.#box.current?.getBoundingClientRect()
    const isNode = target instanceof Element && target.closest('.node') !== null
    if (box === undefined || isNode) return undefined
    return this.props.lab.moving.point({ x: clientX - box.left, y: clientY - box.top })
  }

  #select(number: number): void {
    const { change, lab } = this.props
    if (lab.selected === number) return
    change(() => {
      lab.selected = number
    })
  }

  #handleKey(event: KeyboardEvent, from: number): void {
    const { length } = this.props.marks
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: from + 1,
      ArrowDown: from + 1,
      ArrowLeft: from - 1,
      ArrowUp: from - 1,
      Home: 0,
      End: -1,
    }
    const to = steps[event.key]
    if (to === undefined) return
    event.preventDefault()
    const number = this.props.marks[(to + length) % length]?.number
    this.#box.current?.querySelector<SVGElement>(`[data-node="${number}"]`)?.focus()
  }
}

function placed(number: number, place: Point | undefined): readonly (readonly [number, Point])[] {
  return place === undefined ? [] : [[number, place]]
}

/** The name, the id in a scene about ids, and how many messages its program has received. */
function labelOf({ name, id, isPlain, messages, state }: NodeMark, { story }: Lab): string {
  const own = story?.showsIds === true && id !== undefined ? ` ${id}` : ''
  const plain = isPlain ? ' plain' : ''
  const how = state === 'frozen' || state === 'ended' ? ` ${state}` : ''
  const isSilent = messages === undefined || state === 'ended'
  const received = isSilent ? '' : ` ${messages.count}/${messages.of}`
  return `${name}${own}${plain}${how}${received}`
}

/** All signs of the picture. */
export function Legend() {
  return (
    <div id="legend">
      <Signs title="Nodes">
        {keysOf(STATE_WORDS).map((state) => (
          <Sign key={state} words={STATE_WORDS[state]} size={12}>
            <g class={state}>
              <path class="mark" transform="scale(5)" d={MARKS[state]} />
            </g>
          </Sign>
        ))}
        <Sign words="selected (a dark edge)" size={12}>
          <g class="complete selected">
            <path class="mark" transform="scale(5)" d={MARKS.complete} />
          </g>
        </Sign>
      </Signs>
      <Signs title="Lines">
        {keysOf(LINE_WORDS).map((state) => (
          <Sign key={state} words={LINE_WORDS[state]} size={24}>
            <path class={`link ${state}`} d="M-12 0H12" />
          </Sign>
        ))}
      </Signs>
      <Signs title="Packets">
        {DOT_KINDS.map((kind) => (
          <Sign key={kind} words={DOT_WORDS[kind]} size={16}>
            <path class={`dot ${kind}`} d={`M0 0${SHAPES[kind]}`} />
          </Sign>
        ))}
      </Signs>
    </div>
  )
}

function Signs({ title, children }: WithChildren & { readonly title: string }) {
  return (
    <ul aria-label={title}>
      <li class="title" aria-hidden="true">
        {title}
      </li>
      {children}
    </ul>
  )
}

function Sign({
  words,
  size,
  children,
}: WithChildren & { readonly words: string; readonly size: number }) {
  return (
    <li>
      <svg viewBox={`${-size / 2} -8 ${size} 16`} width={size} height="16" aria-hidden="true">
        {children}
      </svg>
      {words}
    </li>
  )
}

function keysOf<K extends string>(words: Readonly<Record<K, string>>): readonly K[] {
  return Object.keys(words) as K[]
}
