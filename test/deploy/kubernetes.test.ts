/**
 * deploy/kubernetes.yaml, deploy/compose.yaml: Kubernetes's own types, and what makes a mesh of it.
 * No schema of Compose is at hand: of that file only what is checked here is.
 */

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test, { type ExecutionContext } from 'ava'
import { parse } from 'yaml'
import { REPOSITORY } from '../../build/repository.ts'
import { SETTING_NAMES } from '../../src/config/settings.ts'
import {
  disruptionBudget,
  environmentOfPod,
  manifest,
  networkPolicy,
  service,
  statefulSet,
} from '../helpers/kubernetes.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

/** What comes with the secret of a mesh. */
const SECRET_NAMES = ['SECRET_FILE', 'REQUIRE_SECRET']

/** With a name whose DNS server is silent; docs/OPERATIONS.md. */
const STOP_MS_MAX = 10_000

const MODULES = {
  NetworkPolicy: 'networking/v1',
  PodDisruptionBudget: 'policy/v1',
  Service: 'core/v1',
  StatefulSet: 'apps/v1',
} as const

/** What TypeScript says of the objects as literals of those types: a wrong field is an error. */
function typeErrors(t: ExecutionContext, objects: ReadonlyMap<string, unknown>): string {
  const lines = Object.entries(MODULES).flatMap(([kind, module]) => [
    `import type { ${kind} } from 'kubernetes-types/${module}.js'`,
    `export const the${kind}: ${kind} = ${JSON.stringify(objects.get(kind))}`,
  ])
  const folder = temporaryFolder(t)
  const packages = join(REPOSITORY, 'node_modules')
  writeFileSync(join(folder, 'objects.ts'), lines.join('\n'))
  const options = { module: 'preserve', noEmit: true, strict: true, skipLibCheck: true, types: [] }
  const paths = { 'kubernetes-types/*': [`${packages}/kubernetes-types/*`] }
  const config = { compilerOptions: { ...options, paths }, files: ['objects.ts'] }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config))
  try {
    return execFileSync(join(packages, '.bin/tsc'), ['-p', folder], { encoding: 'utf8' })
  } catch (error) {
    return error instanceof Error && 'stdout' in error ? String(error.stdout) : String(error)
  }
}

test('kubernetes - the objects have the types of Kubernetes', (t) => {
  t.deepEqual([...manifest().keys()].sort(), Object.keys(MODULES).sort())
  t.is(typeErrors(t, manifest()), '')
  const wrong = { ...service(), spec: { ...service().spec, publishUnreadyAddresses: true } }
  t.regex(typeErrors(t, new Map(manifest()).set('Service', wrong)), /publishUnreadyAddresses/)
})

test('kubernetes - the name leads to all pods from their start', (t) => {
  const { metadata, spec } = service()
  const { spec: set } = statefulSet()
  t.is(spec?.clusterIP, 'None')
  t.true(spec?.publishNotReadyAddresses)
  t.is(set?.serviceName, metadata?.name)
  t.is(set?.podManagementPolicy, 'Parallel')
  t.deepEqual(set?.selector.matchLabels, spec?.selector)
  const environment = environmentOfPod({ name: 'fullmesh-2', namespace: 'shop' })
  const domain = `${metadata?.name}.shop.svc.cluster.local`
  t.is(environment['ADDRESS'], `wss://fullmesh-2.${domain}:${spec?.ports?.[0]?.port}`)
  t.is(environment['KNOWN_PEERS'], `srv:wss://_${spec?.ports?.[0]?.name}._tcp.${domain}`)
  const known = [...SETTING_NAMES, ...SECRET_NAMES, 'POD_NAME', 'POD_NAMESPACE']
  t.deepEqual(
    Object.keys(environment).filter((name) => !known.includes(name)),
    [],
  )
})

test('kubernetes - pods may do little, and are stopped only when they do not answer', (t) => {
  const pod = statefulSet().spec?.template.spec
  const [container] = pod?.containers ?? []
  t.is(container?.securityContext?.readOnlyRootFilesystem, true)
  t.is(container?.securityContext?.allowPrivilegeEscalation, false)
  t.true(pod?.securityContext?.runAsNonRoot)
  const dockerfile = readFileSync(join(REPOSITORY, 'deploy/Dockerfile'), 'utf8')
  t.true(dockerfile.includes(`USER ${pod?.securityContext?.runAsUser}:`))
  t.is(container?.readinessProbe, undefined)
  for (const probe of [container?.startupProbe, container?.livenessProbe]) {
    const command = probe?.exec?.command ?? []
    t.true(dockerfile.includes(`ENTRYPOINT ["${command[0]}"]`))
    t.true(command.includes('--wait-listening'))
    t.true(Number(command.at(-1)) < Number(probe?.timeoutSeconds))
  }
  const [mount] = container?.volumeMounts ?? []
  t.is(mount?.subPath, undefined)
  t.is(environmentOfPod({ name: 'a', namespace: 'b' })['SECRET_FILE'], `${mount?.mountPath}/secret`)
})

test('kubernetes - one pod is evicted at a time, and only pods of the mesh and DNS are reached', (t) => {
  const pods = { matchLabels: statefulSet().spec?.template.metadata?.labels }
  t.like(disruptionBudget().spec, { maxUnavailable: 1, selector: pods })
  const { podSelector, policyTypes, ingress = [], egress = [] } = networkPolicy().spec ?? {}
  t.deepEqual<unknown, unknown>(podSelector, pods)
  t.deepEqual(policyTypes, ['Ingress', 'Egress'])
  const port = statefulSet().spec?.template.spec?.containers[0]?.ports?.[0]?.name
  const mesh = [{ protocol: 'TCP', port }]
  const dns = ['UDP', 'TCP'].map((protocol) => ({ protocol, port: 53 }))
  t.deepEqual<unknown, unknown>(ingress, [{ from: [{ podSelector: pods }], ports: mesh }])
  t.deepEqual<unknown, unknown>(egress, [
    { to: [{ podSelector: pods }], ports: mesh },
    { ports: dns },
  ])
  const budget = 1000 * Number(statefulSet().spec?.template.spec?.terminationGracePeriodSeconds)
  t.true(budget > STOP_MS_MAX)
})

test('compose - three containers that may do little find each other by their name', (t) => {
  const compose = parse(readFileSync(join(REPOSITORY, 'deploy/compose.yaml'), 'utf8'))
  t.like(compose.services.mesh, {
    deploy: { replicas: 3 },
    environment: {
      ADDRESS: 'auto',
      KNOWN_PEERS: 'dns:mesh:4001',
      SECRET_FILE: '/run/secrets/mesh',
      REQUIRE_SECRET: 1,
    },
    secrets: ['mesh'],
    read_only: true,
    cap_drop: ['ALL'],
  })
  t.deepEqual(compose.secrets, { mesh: { file: './mesh-secret' } })
})
