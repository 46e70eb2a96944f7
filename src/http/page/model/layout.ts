/**
 * The places of marks and names on an oval, in pixels. Names stay level; where they are too dense,
 * the important ones are shown. Pure.
 */

/** The properties of a node that decide its place. */
export interface Labelled {
  readonly name: string
  /** Which names are shown when there is no room for all: the higher first. */
  readonly weight: number
}

export interface Size {
  readonly width: number
  readonly height: number
}

/** The place of one node. */
export interface Place {
  /** Centre of its mark. */
  readonly x: number
  readonly y: number
  readonly label: LabelPlace
}

/** The place of a name: `x`, `y` is the middle of its line. */
export interface LabelPlace {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  readonly isShown: boolean
}

/** The whole drawing. */
export interface Layout {
  readonly places: readonly Place[]
  /** Half the width of a mark. */
  readonly markRadius: number
  readonly fontSize: number
  /** Longer names have to be shortened to this. */
  readonly nameCharactersMax: number
}

/** Larger letters while there are few names. */
const FONT_SIZE_FEW = 14
const FONT_SIZE_MANY = 11.5
const FEW_NODES = 20

const MARK_RADIUS_MAX = 12
const MARK_RADIUS_MIN = 2
const MARK_RADIUS_ALONE = 20

/** The own mark is as much wider: see node-marks.ts. */
const OWN_MARK_PART = 1.4

/** Of the distance between two nodes. The ring around the own mark needs some, too. */
const MARK_PART = 0.32

/** Width of a letter, as a part of the font size. Wide fonts exist, and nothing may overlap. */
const LETTER_WIDTH = 0.62
const LINE_HEIGHT = 1.25

/** The part of the width that names may take on either side. */
const NAMES_PART_FEW = 0.32
const NAMES_PART_MANY = 0.24

/** This near to the top and the bottom a name stands above or below its mark. */
const POLE_PART = 0.2

const GAP = 6
const EDGE = 4

/** An oval that is broader than this looks squeezed. */
const BROAD_MAX = 1.4

/** Places nodes clockwise from the top. */
export function layOut(nodes: readonly Labelled[], { width, height }: Size): Layout {
  const count = nodes.length
  const fontSize = count <= FEW_NODES ? FONT_SIZE_FEW : FONT_SIZE_MANY
  const letter = fontSize * LETTER_WIDTH
  const line = fontSize * LINE_HEIGHT
  const longest = Math.max(...nodes.map(({ name }) => [...name].length), 1)
  const namesWidth = Math.min(
    longest * letter,
    width * (count <= FEW_NODES ? NAMES_PART_FEW : NAMES_PART_MANY),
  )
  const nameCharactersMax = Math.max(Math.floor(namesWidth / letter), 4)
  const center = { x: width / 2, y: height / 2 }
  if (count === 1) {
    const label = { x: center.x, y: center.y + MARK_RADIUS_ALONE * OWN_MARK_PART + line }
    return {
      places: [{ ...center, label: { ...label, anchor: 'middle', isShown: true } }],
      markRadius: MARK_RADIUS_ALONE,
      fontSize,
      nameCharactersMax: Math.floor(width / letter),
    }
  }

  const { rx, ry, markRadius } = ovalOf(count, {
    width: width / 2 - EDGE - namesWidth - GAP,
    height: height / 2 - EDGE - line - GAP,
  })
  const out = markRadius * OWN_MARK_PART + GAP
  const places = nodes.map((_, index) => {
    const angle = (index / count) * 2 * Math.PI - Math.PI / 2
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const isPole = Math.abs(cos) < POLE_PART
    const anchor = isPole ? 'middle' : cos > 0 ? 'start' : 'end'
    const [x, y] = [center.x + rx * cos, center.y + ry * sin]
    const down = isPole ? Math.sign(sin) * (out + line / 2) : out * sin
    const label = { x: round(x + (isPole ? 0 : out * cos)), y: round(y + down), anchor } as const
    return { x: round(x), y: round(y), label }
  })
  const widths = nodes.map(({ name }) => Math.min([...name].length, nameCharactersMax) * letter)
  const shown = shownLabels(nodes, places, { widths, line })
  return {
    places: places.map(({ label, ...place }, index) => ({
      ...place,
      label: { ...label, isShown: shown.has(index) },
    })),
    markRadius,
    fontSize,
    nameCharactersMax,
  }
}

/** The oval and its marks, within these half axes. Bigger marks leave less room. */
function ovalOf(count: number, room: Size) {
  let markRadius = MARK_RADIUS_MAX
  let rx = 0
  let ry = 0
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const out = markRadius * OWN_MARK_PART
    ry = Math.max(room.height - out, room.height / 2, 1)
    rx = Math.max(room.width - out, room.width / 2, 1)
    rx = Math.min(rx, ry * BROAD_MAX)
    ry = Math.min(ry, rx * BROAD_MAX)
    const fitting = ((2 * Math.PI * Math.min(rx, ry)) / count) * MARK_PART
    markRadius = round(Math.min(Math.max(fitting, MARK_RADIUS_MIN), MARK_RADIUS_MAX))
  }
  return { rx, ry, markRadius }
}

interface Box {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
}

/** Those that overlap no label of greater weight. Of equal weights, an even choice. */
function shownLabels(
  nodes: readonly Labelled[],
  places: readonly { readonly label: Omit<LabelPlace, 'isShown'> }[],
  { widths, line }: { readonly widths: readonly number[]; readonly line: number },
): ReadonlySet<number> {
  const boxes: Box[] = []
  const shown = new Set<number>()
  const order = nodes.map(({ weight }, index) => ({ index, weight }))
  order.sort((a, b) => b.weight - a.weight || a.index - b.index)
  for (const { index } of order) {
    const label = places[index]?.label
    if (label === undefined) continue
    const box = boxOf(label, widths[index] ?? 0, line)
    if (boxes.some((other) => overlap(box, other))) continue
    boxes.push(box)
    shown.add(index)
  }
  return shown
}

function boxOf({ x, y, anchor }: Omit<LabelPlace, 'isShown'>, width: number, line: number): Box {
  const left = anchor === 'start' ? x : anchor === 'end' ? x - width : x - width / 2
  return { left: left - 2, right: left + width + 2, top: y - line / 2, bottom: y + line / 2 }
}

function overlap(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
