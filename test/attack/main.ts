/**
 * Runs one attack until the process is ended, and prints every second how many connections it has
 * opened:
 *
 *     node --import=./build/typescript.js test/attack/main.ts \
 *       '{"attack":"flood","target":{"host":"10.77.0.1","port":4001},"links":20,…}'
 */

import type { Attack } from './attacker.ts'
import { type Flood, flood } from './floods.ts'
import { type Guessers, guess } from './guessers.ts'
import {
  type Askers,
  askWithoutReading,
  type HalfFrames,
  holdSilently,
  pingWithoutReading,
  type SilentSockets,
  sendHalfFrames,
} from './idlers.ts'
import {
  type Crowd,
  crowd,
  type Impersonators,
  impersonate,
  type Scanners,
  scan,
} from './strangers.ts'

/** An attack by name, with what it needs. */
export type AttackOrder =
  | ({ readonly attack: 'flood' } & Flood)
  | ({ readonly attack: 'askWithoutReading' } & Askers)
  | ({ readonly attack: 'pingWithoutReading' } & Askers)
  | ({ readonly attack: 'sendHalfFrames' } & HalfFrames)
  | ({ readonly attack: 'holdSilently' } & SilentSockets)
  | ({ readonly attack: 'impersonate' } & Impersonators)
  | ({ readonly attack: 'crowd' } & Crowd)
  | ({ readonly attack: 'scan' } & Scanners)
  | ({ readonly attack: 'guess' } & Guessers)

const order: AttackOrder = JSON.parse(process.argv[2] ?? '')
const attack = begin(order)
setInterval(() => console.log(`opened ${attack.opened}`), 1_000)

function begin(order: AttackOrder): Attack {
  switch (order.attack) {
    case 'flood':
      return flood(order)
    case 'askWithoutReading':
      return askWithoutReading(order)
    case 'pingWithoutReading':
      return pingWithoutReading(order)
    case 'sendHalfFrames':
      return sendHalfFrames(order)
    case 'holdSilently':
      return holdSilently(order)
    case 'impersonate':
      return impersonate(order)
    case 'crowd':
      return crowd(order)
    case 'scan':
      return scan(order)
    case 'guess':
      return guess(order)
    default:
      order satisfies never
      throw new Error('unreachable')
  }
}
