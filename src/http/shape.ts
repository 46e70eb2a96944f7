/**
 * Shapes of JSON values. Each is written once and gives three things: the TypeScript type, a strict
 * reader, and the JSON Schema that docs/PROTOCOL.md shows.
 */

import type { NodeData } from '../wire/node-data.ts'

export interface Shape<T> {
  /** As JSON Schema, which can be stricter than `read`, such as by a pattern. */
  readonly schema: Schema
  /**
   * Reads a value as `JSON.parse` gives it. Keys without a shape are left out.
   *
   * @param place where the value is, such as `peers[2].known`; empty for the document itself
   * @throws {Mismatch} when the value has another type
   */
  readonly read: (value: unknown, place?: string) => T
}

/** A part of a JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

/** The type that a shape describes. */
export type Infer<S> = S extends Shape<infer T> ? T : never

/** A value without its shape. The message is for people: `peers[2].known is not a boolean`. */
export class Mismatch extends Error {
  constructor(place: string, expected: string) {
    super(`${place === '' ? 'the document' : place} is not ${expected}`)
  }
}

export function text(extra: Schema = {}): Shape<string> {
  return scalar('text', { type: 'string', ...extra }, (value) => typeof value === 'string')
}

/** A time as ISO 8601 in UTC with milliseconds. The reader takes what `Date` takes. */
export function time(): Shape<string> {
  const pattern = '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{12}Z$'
  const isTime = (value: unknown): value is string =>
    typeof value === 'string' && !Number.isNaN(Date.parse(value))
  return scalar('a time', { type: 'string', pattern }, isTime)
}

export function number(extra: Schema = {}): Shape<number> {
  return scalar('a number', { type: 'number', ...extra }, (value) => typeof value === 'number')
}

export function boolean(extra: Schema = {}): Shape<boolean> {
  return scalar('a boolean', { type: 'boolean', ...extra }, (value) => typeof value === 'boolean')
}

/** One of these values and no other. */
export function oneOf<const T extends string | number>(
  values: readonly T[],
  extra: Schema = {},
): Shape<T> {
  const isOne = (value: unknown): value is T => values.some((one) => one === value)
  return scalar(`one of ${values.join(', ')}`, { enum: values, ...extra }, isOne)
}

export function nullOr<T>({ schema, read }: Shape<T>): Shape<T | null> {
  return {
    schema: Array.isArray(schema['enum'])
      ? { ...schema, enum: [...schema['enum'], null] }
      : { ...schema, type: [schema['type'], 'null'] },
    read: (value, place) => (value === null ? null : read(value, place)),
  }
}

/** What is served has it; what older versions served may lack it. */
export function withDefault<T>({ schema, read }: Shape<T>, missing: T): Shape<T> {
  return { schema, read: (value, place) => (value === undefined ? missing : read(value, place)) }
}

export function list<T>(item: Shape<T>, extra: Schema = {}): Shape<readonly T[]> {
  return {
    schema: { type: 'array', items: item.schema, ...extra },
    read: (value, place = '') => {
      if (!Array.isArray(value)) throw new Mismatch(place, 'a list')
      return value.map((one: unknown, index) => item.read(one, `${place}[${index}]`))
    },
  }
}

/** Any JSON object. */
export function json(extra: Schema = {}): Shape<NodeData> {
  const isObject = (value: unknown): value is NodeData =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
  return scalar('an object', { type: 'object', ...extra }, isObject)
}

/** An object that has all of these keys, and perhaps more. */
export function object<Fields extends Readonly<Record<string, Shape<unknown>>>>(
  fields: Fields,
): Shape<{ readonly [Key in keyof Fields]: Infer<Fields[Key]> }>
export function object(fields: Readonly<Record<string, Shape<unknown>>>): Shape<object> {
  const entries = Object.entries(fields)
  return {
    schema: {
      type: 'object',
      required: Object.keys(fields),
      properties: Object.fromEntries(entries.map(([key, { schema }]) => [key, schema])),
    },
    read: (value, place = '') => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw new Mismatch(place, 'an object')
      }
      const found = new Map<string, unknown>(Object.entries(value))
      const prefix = place === '' ? '' : `${place}.`
      return Object.fromEntries(
        entries.map(([key, { read }]) => [key, read(found.get(key), `${prefix}${key}`)]),
      )
    },
  }
}

function scalar<T>(expected: string, schema: Schema, is: (value: unknown) => value is T): Shape<T> {
  return {
    schema,
    read: (value, place = '') => {
      if (!is(value)) throw new Mismatch(place, expected)
      return value
    },
  }
}
