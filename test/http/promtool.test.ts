/** What is served as metrics is what Prometheus reads, by the word of its own tool. */

import { spawnSync } from 'node:child_process'
import test from 'ava'
import { promtoolPath } from '../../build/promtool.ts'
import { nodeAt, siteFor } from '../helpers/site.ts'

test('metrics - promtool finds nothing wrong with what is served', async (t) => {
  const site = await siteFor(t)
  site.overview = { ...site.overview, nodes: [nodeAt(4002)] }
  site.site.metrics.dialEnded('refused')
  site.site.metrics.linkClosed(1, 'peer', 1001)
  const { status, headers, text } = await site.ask('/metrics')
  t.is(status, 200)
  t.is(headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8')
  const checked = spawnSync(promtoolPath(), ['check', 'metrics'], { input: text, encoding: 'utf8' })
  t.is(checked.stdout + checked.stderr, '')
  t.is(checked.status, 0)
})
