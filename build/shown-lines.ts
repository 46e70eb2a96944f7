/**
 * What is shown of a node's output: less than it says when LOG_LEVEL asks for less than the runner
 * needs to know, or when there are many nodes. The runner counts connections by what nodes say at
 * the level `info`, so they always say that much.
 */

import { stripVTControlCharacters } from 'node:util'
import { SETTINGS } from '../src/config/settings.ts'
import type { LogLevel } from '../src/log/log.ts'
import { parsedSettingOf } from './env-file.ts'
import type { OutputStream } from './node-process.ts'

/** A level at which a node says less than the runner needs. */
export type QuietLevel = Exclude<LogLevel, 'info' | 'debug'>

/** An entry of the log begins with the time. The reason why a node cannot start does not. */
const LOG_ENTRY = /^\d\d:\d\d:\d\d /

/**
 * The level that somebody has chosen for a node, by the environment or else by its `.env`, if it is
 * one of those that hide what the runner needs.
 */
export function quietLevel(env: NodeJS.ProcessEnv, envText: string): QuietLevel | undefined {
  const { name, parse } = SETTINGS.logLevel
  const variable = env[name]?.trim() ?? ''
  const parsed = parse(variable)
  // A value that the node refuses is for the node to complain of.
  const fromVariable = parsed.kind === 'value' ? parsed.value : 'info'
  const level = variable === '' ? parsedSettingOf(envText, SETTINGS.logLevel) : fromVariable
  return level === 'info' || level === 'debug' ? undefined : level
}

/** Whether a line of a node is shown that would have had this level. */
export function isShown(
  line: string,
  stream: OutputStream,
  level: QuietLevel | undefined,
): boolean {
  if (level === undefined || !LOG_ENTRY.test(stripVTControlCharacters(line))) return true
  // On standard error are the warnings; no entry has the level `error` yet.
  return level === 'warn' && stream === 'stderr'
}

/**
 * Whether a line is none of the many that all nodes say alike: a warning, or the reason why a node
 * cannot start.
 */
export function isRemarkable(line: string, stream: OutputStream): boolean {
  return stream === 'stderr' || !LOG_ENTRY.test(stripVTControlCharacters(line))
}
