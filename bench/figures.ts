/** The figures of README.md, drawn from results. */

import { type Chart, drawChart, type Series } from './chart.ts'
import { distinct, type Results, type Row, rowOf, type Section, valuesOf } from './results.ts'
import { summary } from './statistics.ts'
import type { MeshSystemName } from './systems/system.ts'

const COLOURS: Readonly<Record<MeshSystemName, string>> = {
  fullmesh: '#2f81f7',
  'bare-ws': '#7d8590',
  'bare-wss': '#7d8590',
  floor: '#7d8590',
  plain: '#d08700',
  'plain-unbundled': '#d08700',
  'nats-server': '#2da44e',
  libp2p: '#a371f7',
  other: '#db61a2',
  'fullmesh-secret': '#2f81f7',
  'fullmesh-wss': '#2f81f7',
}

/** Of the colour of another one. */
const DASHED: ReadonlySet<string> = new Set([
  'bare-wss',
  'floor',
  'plain-unbundled',
  'fullmesh-secret',
  'fullmesh-wss',
])

const GROWTH_COLOURS = ['#2f81f7', '#d08700', '#2da44e'] as const

/** The names of the files, and their text. A figure without two points is left out. */
export function drawFigures(results: Results): Readonly<Record<string, string>> {
  const { formation, growth } = results
  const charts: Readonly<Record<string, Chart>> = {
    'formation-seconds.svg': {
      title: 'From the start of all nodes until every pair is connected',
      xLabel: 'nodes',
      yLabel: 'seconds, median',
      series: bySystem(formation, 'seconds'),
    },
    'formation-cpu.svg': {
      title: 'What that costs: CPU time of all processes together',
      xLabel: 'nodes',
      yLabel: 'CPU seconds, median',
      series: bySystem(formation, 'cpuSeconds'),
    },
    'growth.svg': {
      title: 'What one node sends until the mesh is complete, simulated',
      xLabel: 'nodes',
      yLabel: 'for each node',
      series: growthSeries(growth),
    },
  }
  return Object.fromEntries(
    Object.entries(charts)
      .filter(([, { series }]) => series.some(({ points }) => points.length > 1))
      .map(([name, chart]) => [name, drawChart(chart)]),
  )
}

function bySystem(section: Section | undefined, figure: string): readonly Series[] {
  const all = Object.entries(COLOURS).map(([system, colour]) => ({
    name: system,
    colour,
    isDashed: DASHED.has(system),
    points: pointsOf(section, 'formation', system, figure),
  }))
  return all.filter(({ points }) => points.length > 0)
}

function growthSeries(section: Section | undefined): readonly Series[] {
  const figures = {
    'bytes of HANDSHAKEs': 'handshakeBytesPerNode',
    HANDSHAKEs: 'handshakesPerNode',
    dials: 'dialsPerNode',
  }
  return Object.entries(figures).map(([name, figure], index) => ({
    name,
    colour: GROWTH_COLOURS[index % GROWTH_COLOURS.length] ?? COLOURS['bare-ws'],
    points: pointsOf(section, 'growth', 'simulator', figure),
  }))
}

function pointsOf(
  section: Section | undefined,
  task: Row['task'],
  system: string,
  figure: string,
): Series['points'] {
  return distinct(section?.rows ?? [], 'nodes').flatMap((nodes) => {
    const found = summary(valuesOf(rowOf(section, { task, system, nodes }), figure))
    if (found === undefined) return []
    const [low, high] = found.quartiles
    return [{ x: nodes, y: found.median, low, high }]
  })
}
