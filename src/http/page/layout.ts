/**
 * The places of marks and names on the circle, in pixels. Legible from 1 to 200 nodes: marks and
 * letters shrink, names turn outwards, and where they are too dense only some are shown. Pure.
 */

/** The properties of a node that decide its place. */
export interface Labelled {
  readonly name: string
  /** Which names are shown when there is no room for all: the higher first. */
  readonly weight: number
}

/** The place of one node. */
export interface Place {
  /** Centre of its mark. */
  readonly x: number
  readonly y: number
  readonly label: LabelPlace
}

/** The place of a name. */
export interface LabelPlace {
  readonly x: number
  readonly y: number
  readonly anchor: 'start' | 'middle' | 'end'
  /** Degrees. */
  readonly turn: number
  readonly isShown: boolean
}

/** The whole drawing. */
export interface Layout {
  readonly places: readonly Place[]
  /** Of the circle that the nodes are on. */
  readonly center: { readonly x: number; readonly y: number }
  readonly radius: number
  /** Half the width of a mark. */
  readonly markRadius: number
  readonly fontSize: number
  /** Longer names have to be shortened to this. */
  readonly nameCharactersMax: number
  /** Whether the names stand upright, with room for a second line each. */
  readonly isUpright: boolean
}

/** Up to here the names stand upright. */
const UPRIGHT_NODES_MAX = 10

const FONT_SIZE_MAX = 14
/** On a phone. */
const FONT_SIZE_MAX_NARROW = 12
const NARROW = 480

/** Smaller letters are not legible: then some names are left out. */
const FONT_SIZE_MIN = 9

const MARK_RADIUS_MAX = 14
const MARK_RADIUS_MAX_NARROW = 11
const MARK_RADIUS_MIN = 2
const MARK_RADIUS_ALONE = 20

/** The own mark is as much wider: see node-marks.ts. */
const OWN_MARK_PART = 1.4

/** Of the distance between two nodes. The ring around the own mark needs some, too. */
const MARK_PART = 0.34

/** Width of a letter, as a part of the font size. Wide fonts exist, and nothing may overlap. */
const LETTER_WIDTH = 0.64

/** The part of the width that names may take on either side. */
const NAMES_PART = 0.23

/** Room for what stands below a name, `this node`, or behind it, ` 12s`. In letters of names. */
const UPRIGHT_NOTE_LETTERS = 7
const TURNED_NOTE_LETTERS = 4

/** This near to the top and the bottom a name stands above or below its mark. */
const POLE_PART = 0.25

/** Height of what stands there, in font sizes: two lines, and the way to them. */
const POLE_LINES = 2.4

const GAP = 8
const EDGE = 6

/** Places nodes on a circle in a square of this width, clockwise from the top. */
export function layOut(nodes: readonly Labelled[], size: number): Layout {
  const count = nodes.length
  const isUpright = count <= UPRIGHT_NODES_MAX
  // Letters and radius depend on each other: an estimate of the letters is good enough.
  const fontSizeMax = size < NARROW ? FONT_SIZE_MAX_NARROW : FONT_SIZE_MAX
  const fontSize = isUpright
    ? fontSizeMax
    : Math.min(Math.max((2 * size) / count, FONT_SIZE_MIN), fontSizeMax)
  const letter = fontSize * LETTER_WIDTH
  const longest = Math.max(...nodes.map(({ name }) => [...name].length), 1)
  const letters = isUpright
    ? Math.max(longest, UPRIGHT_NOTE_LETTERS)
    : longest + TURNED_NOTE_LETTERS
  const namesWidth = Math.min(letters * letter, size * NAMES_PART)
  const noteLetters = isUpright ? 0 : TURNED_NOTE_LETTERS
  const markRadiusMax = size < NARROW ? MARK_RADIUS_MAX_NARROW : MARK_RADIUS_MAX
  // A triangle and a pentagon reach less far down than up.
  const lowest = count % 2 === 0 ? 1 : Math.cos(Math.PI / count)
  const room = size / 2 - EDGE
  const labelRadiusMax = isUpright
    ? Math.min(
        (room - namesWidth) / broadest(count),
        (room - POLE_LINES * fontSize) / ((1 + lowest) / 2),
      )
    : room - namesWidth
  const { radius, markRadius } = circleOf(count, labelRadiusMax - GAP, markRadiusMax)
  const center = { x: size / 2, y: round(size / 2 + (radius * (1 - lowest)) / 2) }

  const labelRadius = radius + markRadius * OWN_MARK_PART + GAP
  const roomPerName = (2 * Math.PI * labelRadius) / count
  const stepsBetweenNames = isUpright ? 1 : Math.ceil((fontSize * 1.1) / roomPerName)
  const shown = thinOut(nodes, stepsBetweenNames)

  const places = nodes.map((_, index) => {
    const angle = (index / count) * 2 * Math.PI - Math.PI / 2
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
    const at = (distance: number) => ({
      x: round(center.x + distance * cos),
      y: round(center.y + distance * sin),
    })
    const text = isUpright ? upright(cos, sin) : turned(angle, cos)
    const below = count === 1 ? markRadius * OWN_MARK_PART + GAP + fontSize : 0
    const { x, y } = at(labelRadius)
    const label = { ...text, x, y: round(y + text.shift * fontSize + below) }
    return {
      ...at(radius),
      label: count === 1 ? { ...label, x: size / 2, y: size / 2 + below } : label,
      index,
    }
  })
  return {
    places: places.map(({ index, ...place }) => ({
      ...place,
      label: { ...place.label, isShown: shown[index] ?? false },
    })),
    center,
    radius,
    markRadius,
    fontSize: round(fontSize),
    nameCharactersMax: Math.max(Math.floor(namesWidth / letter) - noteLetters, 4),
    isUpright,
  }
}

/** How far out the names beside their marks are, as a part of the radius. */
function broadest(count: number): number {
  const parts = Array.from({ length: count }, (_, index) =>
    Math.abs(Math.sin((index / count) * 2 * Math.PI)),
  )
  return Math.max(...parts, POLE_PART)
}

/** Beside the mark, or above and below it near the poles. `shift` is down, in font sizes. */
function upright(cos: number, sin: number) {
  const isPole = Math.abs(cos) < POLE_PART
  const anchor = isPole ? 'middle' : cos > 0 ? 'start' : 'end'
  // Two lines: below a mark they begin lower, above it they end higher.
  const shift = isPole ? (sin > 0 ? 0.8 : -1.1) : 0
  return { anchor, shift, turn: 0 } as const
}

/** Outwards, and never upside down. */
function turned(angle: number, cos: number) {
  const degrees = (angle * 180) / Math.PI
  const isRight = cos >= -1e-9
  return {
    anchor: isRight ? 'start' : 'end',
    shift: 0,
    turn: round(isRight ? degrees : degrees + 180),
  } as const
}

/** Which names are shown when only one in `steps` has room. */
function thinOut(nodes: readonly Labelled[], steps: number): readonly boolean[] {
  const count = nodes.length
  const shown: boolean[] = new Array(count).fill(false)
  if (steps <= 1) return shown.fill(true)
  // Of equal weights, one in `steps`, counted from the top.
  const order = nodes
    .map(({ weight }, index) => ({ index, rank: weight * 2 + (index % steps === 0 ? 1 : 0) }))
    .sort((a, b) => b.rank - a.rank || a.index - b.index)
  for (const { index } of order) {
    let isFree = true
    for (let step = 1; step < steps && isFree; step += 1) {
      isFree = !shown[(index + step) % count] && !shown[(index - step + count) % count]
    }
    shown[index] = isFree
  }
  return shown
}

/**
 * The circle and its marks, within this radius. Each depends on the other; big marks are tried
 * first.
 */
function circleOf(count: number, room: number, markRadiusMax: number) {
  if (count === 1) return { radius: 0, markRadius: MARK_RADIUS_ALONE }
  let markRadius = markRadiusMax
  let radius = 0
  for (let attempt = 0; attempt < 3; attempt += 1) {
    radius = Math.max(room - markRadius * OWN_MARK_PART, room / 2)
    const fitting = ((2 * Math.PI * radius) / count) * MARK_PART
    markRadius = round(Math.min(Math.max(fitting, MARK_RADIUS_MIN), markRadiusMax))
  }
  return { radius, markRadius }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
