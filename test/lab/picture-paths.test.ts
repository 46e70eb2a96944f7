/** The paths of the picture: lines, and the packets on them. */

import test from 'ava'
import { linksOf } from './model/link-view.ts'
import {
  type Curve,
  curveFinder,
  curvesOf,
  dotPaths,
  linePaths,
  nearestCurve,
  SHAPES,
} from './model/picture-paths.ts'
import { Playground } from './model/playground.ts'
import { parseScene } from './model/scene.ts'
import { STORIES } from './model/stories.ts'

/** The scene of a story. */
const textOf = (wanted: string) => STORIES.find(({ name }) => name === wanted)?.scene ?? ''

/** A node is where its number says. */
const pointOf = ({ index }: { readonly index: number }) => ({ x: 100 * index, y: 0 })

test('lab - dots are where their packets are, and two connections are two lines', (t) => {
  const scene = new Playground(parseScene('seed=1&nodes=2&pause=0&known=all&latency=400'))
  const [flight] = scene.flights
  if (flight === undefined) return t.fail()
  const halfMs = (flight.sentMs + flight.arrivalMs) / 2
  const straight = { pointOf, curveOf: () => undefined }
  t.regex(dotPaths([flight], halfMs, straight, SHAPES).dial, /^M50\.0 0\.0m/)
  // The mark of a node that is not connected to all is a ring.
  t.notRegex(SHAPES.upgrade, /a/)
  scene.run(1_600)
  const { opening, open } = linePaths(curvesOf(linksOf(scene), pointOf), 3)
  t.deepEqual([opening, open].join('').match(/M/g)?.length, 2)
  t.is([opening, open].join('').match(/Q/g)?.length, 2)
  scene.run(10_000)
  t.deepEqual(linePaths(curvesOf(linksOf(scene), pointOf), 3), {
    opening: '',
    open: 'M100 0L0 0',
    closing: '',
    dead: '',
    own: '',
  })
  t.is(linePaths(curvesOf(linksOf(scene), pointOf), 1).own, 'M100 0L0 0')
})

test('lab - a packet moves on the line of its own connection, from the dial to the last reset', (t) => {
  const scene = new Playground(parseScene(textOf('A duplicate, and who decides')))
  const seen = new Set<string>()
  for (let atMs = 0; atMs < 4_000; atMs += 20) {
    scene.run(atMs)
    const links = linksOf(scene)
    const curves = curvesOf(links, pointOf)
    const curveOf = curveFinder(curves)
    for (const flight of scene.flights) {
      const { from, to, packet, dialerEnd, sentMs, arrivalMs } = flight
      const curve = curveOf(flight)
      if (curve === undefined) return t.fail(`${packet.kind} at ${atMs} ms has no line`)
      if (packet.kind === 'dial') t.like(curve.link, { from, to, state: 'opening' })
      else t.is(curve.link.end, dialerEnd)
      if (packet.kind === 'close' || packet.kind === 'reset') t.is(curve.link.state, 'closing')
      seen.add(packet.kind)
      if (curves.length < 2) continue
      // Each of the two lines keeps its side, whichever packet moves on it, and where to.
      const places = { pointOf, curveOf }
      const quarterMs = sentMs + (arrivalMs - sentMs) / 4
      const dot = Object.values(dotPaths([flight], quarterMs, places, SHAPES)).join('')
      const side = curve.link.from.index === 0 ? '-' : ''
      t.regex(dot, new RegExp(`^M${from.index === 0 ? 25 : 75}\\.0 ${side}8\\.\\dm`))
    }
    // The line of a close is there until the last packet of its connection has arrived.
    const isClosing = scene.flights.some(({ packet }) => /^(close|reset)$/.test(packet.kind))
    t.is(linePaths(curves, 3).closing !== '', isClosing)
  }
  for (const kind of ['dial', 'request', 'upgraded', 'text', 'close', 'reset']) {
    t.true(seen.has(kind), kind)
  }
})

test('lab - all dead connections of two nodes are one line', (t) => {
  const scene = new Playground(parseScene(textOf('A frozen node')))
  scene.run(64_000)
  const dead = linksOf(scene).filter(({ state }) => state === 'dead')
  t.true(dead.length > 6)
  const curves = curvesOf(linksOf(scene), pointOf)
  t.is(linePaths(curves, 1).dead.match(/M/g)?.length, 3)
  t.is(curves.flatMap(({ links }) => links).length, linksOf(scene).length)
})

test('lab - the line at a point is the nearest one, straight or bent', (t) => {
  const straight = { from: { x: 0, y: 0 }, to: { x: 100, y: 0 }, control: undefined }
  const bent = { from: { x: 0, y: 100 }, to: { x: 100, y: 100 }, control: { x: 50, y: 60 } }
  const scene = new Playground(parseScene('seed=1&nodes=2&pause=0&known=all'))
  scene.run(5_000)
  const [link] = linksOf(scene)
  if (link === undefined) return t.fail()
  const curves: readonly Curve[] = [straight, bent].map((curve) => ({
    ...curve,
    link,
    links: [link],
  }))
  const nearest = (x: number, y: number) => {
    const curve = nearestCurve(curves, { x, y }, 8)
    return curve === undefined ? -1 : curves.indexOf(curve)
  }
  t.is(nearest(30, 8), 0)
  t.is(nearest(30, 9), -1)
  t.is(nearest(109, 0), -1, 'beyond its end')
  t.is(nearest(50, 87), 1, 'the middle of the bent one is at 80')
  t.is(nearest(50, 97), -1)
})
