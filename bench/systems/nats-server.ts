/**
 * A cluster of nats-server, whose servers find each other through two seeds as our nodes do. A
 * program in Go, and no WebSocket between servers: it is here because it is what people use.
 */

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { System } from './system.ts'

export const natsServer: System = {
  name: 'nats-server',
  dialsBothWays: false,
  prepare({ folder, port, seeds }, { natsServer: program }) {
    if (program === undefined) return undefined
    const routes = seeds.map((seed) => `nats://127.0.0.1:${seed}`)
    const config = [
      // Of clients there are none, but the server insists on a port for them: -1 is any.
      'host: 127.0.0.1',
      'port: -1',
      `cluster { name: bench, host: 127.0.0.1, port: ${port}, routes: ${JSON.stringify(routes)} }`,
      'log_file: /dev/null',
    ]
    writeFileSync(join(folder, 'nats.conf'), config.join('\n'))
    return { program, args: ['-c', 'nats.conf'] }
  },
}
