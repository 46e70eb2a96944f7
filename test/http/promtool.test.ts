/** Prometheus's own tool reads the metrics. */

import { spawnSync } from 'node:child_process'
import test from 'ava'
import { PROMTOOL } from '../../build/unpacked-program.ts'
import { at, identityAt, startNode } from '../helpers/core.ts'
import { handlerFor, nodeAt } from '../helpers/http-handler.ts'

test('metrics - promtool finds nothing wrong with what is served', async (t) => {
  const node = startNode({ knownPeers: [at(4003)] })
  node.failsToReach(at(4003))
  node.loses(node.accepts(identityAt(4002)), 1001)
  const http = await handlerFor(t, { counters: () => node.mesh.counters() })
  http.overview = { ...http.overview, nodes: [nodeAt(4002)] }
  const { status, headers, text } = await http.ask('/metrics')
  t.is(status, 200)
  t.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const checked = spawnSync(PROMTOOL.find(), ['check', 'metrics'], {
    input: text,
    encoding: 'utf8',
  })
  t.is(checked.stdout + checked.stderr, '')
  t.is(checked.status, 0)
})
