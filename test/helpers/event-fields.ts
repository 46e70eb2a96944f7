/** Events that have certain fields. */

import type { NodeEvent } from '../../src/log/events.ts'

/** The events of one kind. */
export type EventOf<Kind extends NodeEvent['kind']> = Extract<NodeEvent, { readonly kind: Kind }>

/** Some fields of an event: the same value, a text that matches, or some fields of an object. */
export type FieldsOf<Whole> = {
  readonly [Name in keyof Whole]?:
    | (Whole[Name] extends string
        ? string
        : Whole[Name] extends object
          ? FieldsOf<Whole[Name]>
          : Whole[Name])
    | RegExp
}

export function hasFields(whole: unknown, fields: object): boolean {
  if (typeof whole !== 'object' || whole === null) return false
  const values = new Map<string, unknown>(Object.entries(whole))
  return Object.entries(fields).every(([name, expected]: [string, unknown]) => {
    const value = values.get(name)
    if (expected instanceof RegExp) return expected.test(String(value))
    if (typeof expected === 'object' && expected !== null) return hasFields(value, expected)
    return value === expected
  })
}
