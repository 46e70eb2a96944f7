/** All systems, by name. */

import { fullmesh, other } from './fullmesh.ts'
import { libp2p } from './libp2p.ts'
import { limit } from './limit.ts'
import { natsServer } from './nats-server.ts'
import { plain } from './plain.ts'
import type { System, SystemName } from './system.ts'

export const SYSTEMS: Readonly<Record<SystemName, System>> = {
  fullmesh,
  limit,
  plain,
  'nats-server': natsServer,
  libp2p,
  other,
}
