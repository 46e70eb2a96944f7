/** deploy/kubernetes.yaml as Kubernetes reads it, as far as a test plays Kubernetes. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { StatefulSet } from 'kubernetes-types/apps/v1.js'
import type { Service } from 'kubernetes-types/core/v1.js'
import type { NetworkPolicy } from 'kubernetes-types/networking/v1.js'
import type { PodDisruptionBudget } from 'kubernetes-types/policy/v1.js'
import { parseAllDocuments } from 'yaml'
import { REPOSITORY } from '../../build/repository.ts'

export const MANIFEST = join(REPOSITORY, 'deploy/kubernetes.yaml')

/** The objects by kind. A test compares them with Kubernetes's own types. */
export function manifest(): ReadonlyMap<string, unknown> {
  const documents = parseAllDocuments(readFileSync(MANIFEST, 'utf8')).map((each) => each.toJS())
  return new Map(documents.map((document) => [String(document.kind), document]))
}

export function statefulSet(): StatefulSet {
  return objectOf<StatefulSet>('StatefulSet')
}

export function service(): Service {
  return objectOf<Service>('Service')
}

export function networkPolicy(): NetworkPolicy {
  return objectOf<NetworkPolicy>('NetworkPolicy')
}

export function disruptionBudget(): PodDisruptionBudget {
  return objectOf<PodDisruptionBudget>('PodDisruptionBudget')
}

function objectOf<Value extends object>(kind: string): Value {
  const found = manifest().get(kind)
  if (!isObject<Value>(found)) throw new Error(`no ${kind}`)
  return found
}

function isObject<Value extends object>(value: unknown): value is Value {
  return typeof value === 'object' && value !== null
}

/** What a pod has in its environment. `$(NAME)` is a variable that stands before it. */
export function environmentOfPod(facts: {
  readonly name: string
  readonly namespace: string
}): Record<string, string> {
  const fields: Readonly<Record<string, string>> = {
    'metadata.name': facts.name,
    'metadata.namespace': facts.namespace,
  }
  const environment: Record<string, string> = {}
  const [container] = statefulSet().spec?.template.spec?.containers ?? []
  for (const { name, value, valueFrom } of container?.env ?? []) {
    const text = value ?? fields[valueFrom?.fieldRef?.fieldPath ?? '']
    if (text === undefined) throw new Error(`${name} has no value that this test can give`)
    environment[name] = text.replace(/\$\((\w+)\)/g, (all, other) => environment[other] ?? all)
  }
  return environment
}
