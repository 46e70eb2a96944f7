/** deploy/: what Prometheus and Grafana read. Prometheus's own tool checks it. */

import { spawnSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import { PROMTOOL } from '../../build/unpacked-program.ts'
import { handlerFor } from '../helpers/http-handler.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const RULES = 'prometheus-rules.yaml'
const RULES_TEST = 'prometheus-rules.test.yaml'

function promtool(t: ExecutionContext, ...words: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(PROMTOOL.find(), words, { encoding: 'utf8' })
  t.is(status, 0, stdout + stderr)
}

/** Names of metrics in a text. */
function metricNames(text: string): ReadonlySet<string> {
  return new Set(text.match(/\b(?:fullmesh|process)_[a-z_]+(?=[{[\s)]|$)/gm))
}

function readDeploy(name: string): string {
  return readFileSync(join(REPOSITORY, 'deploy', name), 'utf8')
}

/** The queries of the dashboard, with values for Grafana's variables. */
function queries(): readonly string[] {
  const found: string[] = []
  JSON.parse(readDeploy('grafana.json'), (key, value: unknown) => {
    if (key === 'expr' && typeof value === 'string') found.push(value)
    return value
  })
  return found.map((query) => query.replaceAll('$__rate_interval', '5m').replaceAll('$job', 'mesh'))
}

test('monitoring - each alert is raised when it should be, and only then', (t) => {
  const folder = temporaryFolder(t)
  copyFileSync(join(REPOSITORY, 'deploy', RULES), join(folder, RULES))
  copyFileSync(join(import.meta.dirname, RULES_TEST), join(folder, RULES_TEST))
  promtool(t, 'check', 'rules', join(folder, RULES))
  promtool(t, 'test', 'rules', join(folder, RULES_TEST))
})

test('monitoring - Prometheus understands each query of the dashboard', (t) => {
  t.true(queries().length > 10)
  const rules = queries().map((expr, index) => ({ record: `dashboard:query:${index}`, expr }))
  const file = join(temporaryFolder(t), 'queries.yaml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }))
  promtool(t, 'check', 'rules', '--lint=none', file)
})

test('monitoring - a node serves each metric that is asked for', async (t) => {
  const http = await handlerFor(t)
  const { text } = await http.ask('/metrics')
  const served = metricNames(text.replaceAll(/^# TYPE (\S+).*/gm, '$1 '))
  for (const asked of [readDeploy(RULES), ...queries()].flatMap((text) => [...metricNames(text)])) {
    t.true(served.has(asked) || served.has(asked.replace(/_bucket$/, '')), asked)
  }
  t.false(served.has('fullmesh_unheard_of'))
})

test('monitoring - the dashboard fits any Grafana: its data source is a variable', (t) => {
  const dashboard = JSON.parse(readDeploy('grafana.json'))
  t.like(dashboard.templating.list[0], { name: 'datasource', type: 'datasource' })
  t.true(typeof dashboard.uid === 'string' && !('id' in dashboard) && !('__inputs' in dashboard))
  const used = new Set<unknown>()
  JSON.parse(readDeploy('grafana.json'), (key, value: unknown) => {
    if (key === 'datasource') used.add(JSON.stringify(value))
    return value
  })
  t.regex([...used].join(), /^\{"type":"prometheus","uid":"\$\{datasource\}"\}$/)
})
