/** All systems that form a mesh, by name. */

import { bareWs, bareWss, floor } from './bare.ts'
import { fullmesh, fullmeshSecret, fullmeshWss, other } from './fullmesh.ts'
import { libp2p } from './libp2p.ts'
import { natsServer } from './nats-server.ts'
import { plain, plainUnbundled } from './plain.ts'
import type { MeshSystemName, System } from './system.ts'

export const SYSTEMS: Readonly<Record<MeshSystemName, System>> = {
  fullmesh,
  'fullmesh-secret': fullmeshSecret,
  'fullmesh-wss': fullmeshWss,
  'bare-ws': bareWs,
  'bare-wss': bareWss,
  floor,
  plain,
  'plain-unbundled': plainUnbundled,
  'nats-server': natsServer,
  libp2p,
  other,
}
