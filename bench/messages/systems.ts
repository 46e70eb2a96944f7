/** How to run the systems that carry messages. */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Launch, MessageSystemName, Programs } from '../systems/system.ts'

/** A system that carries messages. */
export interface MessageSystem {
  /** The path of its module. */
  readonly module: string
  /** What runs its workers. */
  readonly node: string
  readonly isJoined: boolean
  /** What has to run before them. Its working directory is the folder. */
  readonly server: Launch | undefined
}

/** Undefined when something of it is missing here. */
export function messageSystem(
  name: MessageSystemName,
  { messages, natsServer, newerNode, node }: Programs,
  server: { readonly folder: string; readonly port: number },
): MessageSystem | undefined {
  if (messages === undefined) return undefined
  const { bundled, packages } = messages
  const own = { node, isJoined: false, server: undefined }
  const unbundled = (file: string): MessageSystem | undefined =>
    packages === undefined ? undefined : { ...own, module: join(packages, file) }
  switch (name) {
    case 'fullmesh':
      return { ...own, module: join(bundled, 'fullmesh.cjs') }
    case 'ws-joined':
      return { ...own, module: join(bundled, 'ws.cjs'), isJoined: true }
    case 'ws-each':
      return { ...own, module: join(bundled, 'ws.cjs') }
    case 'nats-server': {
      const system = unbundled('nats-server.mjs')
      if (system === undefined || natsServer === undefined) return undefined
      return { ...system, server: natsLaunch(natsServer, server) }
    }
    case 'zeromq':
      return unbundled('zeromq.mjs')
    case 'socket.io':
      return unbundled('socket-io.mjs')
    case 'gossipsub': {
      const system = unbundled('gossipsub.mjs')
      return newerNode === undefined || system === undefined
        ? undefined
        : { ...system, node: newerNode }
    }
    default:
      return name satisfies never
  }
}

function natsLaunch(
  program: string,
  { folder, port }: { readonly folder: string; readonly port: number },
): Launch {
  const config = ['host: 127.0.0.1', `port: ${port}`, 'log_file: /dev/null']
  writeFileSync(join(folder, 'nats.conf'), config.join('\n'))
  return { program, args: ['-c', 'nats.conf'] }
}
