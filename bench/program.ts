/** The trials of each section: what is measured, with which sizes, systems and rounds. */

import type { SectionName } from './results.ts'
import { MESH_SYSTEM_NAMES, MESSAGE_SYSTEM_NAMES, type SystemName } from './systems/system.ts'
import type { TrialKind } from './trials/trial.ts'

/**
 * What is done once must be over before a mesh is at rest: Fullmesh looks into what its peers
 * claim, one a second, and gets into step, within some minutes; and V8 optimizes what has been
 * called often enough, which takes longer the less is called.
 */
const REST: TrialKind = { kind: 'rest', settleSeconds: 360, seconds: 60 }

const FORMATION: TrialKind = { kind: 'formation' }
const MEMORY: TrialKind = { kind: 'memory' }

const KIB = 1024

const MESSAGES_OF_ONE: TrialKind = {
  kind: 'messages',
  publishers: 'one',
  sizes: [16, 128, KIB, 64 * KIB],
  burstSeconds: 2,
  paces: [
    { perSecond: 100, seconds: 10 },
    { perSecond: 1000, seconds: 5 },
  ],
  hasAbsence: true,
}

const MESSAGES_OF_ALL: TrialKind = {
  ...MESSAGES_OF_ONE,
  publishers: 'all',
  sizes: [128],
  paces: [],
  hasAbsence: false,
}

/** One publisher, and so many receivers. */
const MESSAGE_NODES = [3, 10, 30] as const

/** What the aims of messages compare. */
const MESSAGE_RIVALS: readonly SystemName[] = ['fullmesh', 'ws-joined', 'nats-server']

/** Up to here a trial takes a second, and any hiccup of the machine is a large part of it. */
const SMALL_NODES = 10

/** From here on a round takes minutes, and there are two. */
const LARGE_NODES = 200

/** Trials of one kind, at several sizes. */
export interface Series {
  readonly what: TrialKind
  readonly nodes: readonly number[]
  readonly systems: readonly SystemName[]
  readonly rounds: (nodes: number) => number
}

/** The trials of the sections in which processes run. */
export type Program = Readonly<Partial<Record<SectionName, readonly Series[]>>>

/** How many rounds a formation or a rejoin has. */
function roundsOf(nodes: number): number {
  if (nodes <= SMALL_NODES) return 7
  return nodes < LARGE_NODES ? 3 : 2
}

/** What runs on our Node, so that ratios are those of the programs. */
const ON_NODE: readonly SystemName[] = ['fullmesh', 'bare-ws', 'floor', 'plain', 'other']

/** Those that everybody may join. */
const OPEN = MESH_SYSTEM_NAMES.filter((name) => !/-(?:secret|wss)$/.test(name))

/** What a secret costs, and TLS. */
const CLOSED: readonly SystemName[] = ['fullmesh-secret', 'fullmesh-wss', 'bare-wss']

export const FULL: Program = {
  formation: [
    {
      what: FORMATION,
      nodes: [3, 10, 20, 50, 100, 200],
      systems: MESH_SYSTEM_NAMES,
      rounds: roundsOf,
    },
  ],
  rejoin: (['one', 'seed', 'half'] as const).map((victims) => ({
    what: { kind: 'rejoin', victims },
    nodes: [10, 50],
    systems: OPEN,
    rounds: roundsOf,
  })),
  rest: [{ what: REST, nodes: [50], systems: OPEN, rounds: () => 1 }],
  // Only of those that run on our Node, whose inspector gives the heap.
  memory: [{ what: MEMORY, nodes: [3, 26, 51], systems: ON_NODE, rounds: () => 2 }],
  messages: [
    {
      what: MESSAGES_OF_ONE,
      nodes: MESSAGE_NODES,
      systems: MESSAGE_SYSTEM_NAMES.filter((name) => name !== 'gossipsub'),
      rounds: () => 3,
    },
    // A delivery takes it a hundred times as long: the others would wait for it for an hour.
    {
      what: { ...MESSAGES_OF_ONE, hasAbsence: false },
      nodes: [3, 10],
      systems: ['gossipsub'],
      rounds: () => 1,
    },
    {
      what: MESSAGES_OF_ALL,
      nodes: [3, 10],
      systems: MESSAGE_SYSTEM_NAMES.filter((name) => name !== 'gossipsub'),
      rounds: () => 3,
    },
  ],
  profile: [
    {
      what: { kind: 'profile' },
      nodes: [5, 20, 100, 200],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 2,
    },
  ],
}

/** What the aims need, and little more. */
export const QUICK: Program = {
  formation: [
    {
      what: FORMATION,
      nodes: [10],
      systems: [...ON_NODE, ...CLOSED, 'plain-unbundled'],
      rounds: () => 5,
    },
    {
      what: FORMATION,
      nodes: [20],
      systems: ['fullmesh', 'bare-ws', 'nats-server', 'other'],
      rounds: () => 3,
    },
    {
      what: FORMATION,
      nodes: [50],
      systems: [...ON_NODE, ...CLOSED, 'nats-server'],
      rounds: () => 3,
    },
    { what: FORMATION, nodes: [100, 200], systems: ON_NODE, rounds: () => 2 },
  ],
  rejoin: [
    {
      what: { kind: 'rejoin', victims: 'one' },
      nodes: [10],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 5,
    },
    {
      what: { kind: 'rejoin', victims: 'half' },
      nodes: [50],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 3,
    },
  ],
  rest: [{ what: REST, nodes: [50], systems: ['fullmesh', 'other'], rounds: () => 1 }],
  memory: [
    {
      what: MEMORY,
      nodes: [3, 51],
      systems: ['fullmesh', 'bare-ws', 'other'],
      rounds: () => 1,
    },
  ],
  messages: [
    {
      what: {
        ...MESSAGES_OF_ONE,
        sizes: [16, 128, KIB],
        burstSeconds: 0.8,
        paces: [
          { perSecond: 100, seconds: 3 },
          { perSecond: 1000, seconds: 1.5 },
        ],
        hasAbsence: false,
      },
      nodes: MESSAGE_NODES,
      systems: MESSAGE_RIVALS,
      rounds: () => 2,
    },
    {
      what: { ...MESSAGES_OF_ALL, burstSeconds: 1 },
      nodes: [10],
      systems: ['fullmesh', 'ws-joined'],
      rounds: () => 2,
    },
  ],
}
