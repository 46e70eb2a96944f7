/**
 * The output of a node, for tools that run nodes: with LOG_FORMAT=json each line of its log is an
 * event. Other lines, such as why a node cannot start, are plain text.
 */

import { SETTINGS } from '../src/config/settings.ts'
import type { NodeEvent } from '../src/log/events.ts'
import { LOG_LEVELS, type LogLevel, textLine } from '../src/log/log.ts'
import { logLineFor } from '../src/log/log-messages.ts'
import { settingOf } from './env-file.ts'

export interface NodeOutput {
  /** The line as the log prints it with LOG_FORMAT=text. */
  readonly text: string
  /** Undefined, like the level, for a line that is not of the log. */
  readonly event?: NodeEvent
  readonly level?: LogLevel
}

export function readOutput(printed: string, colour = false): NodeOutput {
  if (!printed.startsWith('{"time":')) return { text: printed }
  try {
    // Our own code wrote it: the fields are not checked.
    const { time, level, event: kind, suppressed = 0, ...fields } = JSON.parse(printed)
    const event: NodeEvent = { kind, ...fields }
    const line = logLineFor(event)
    return { text: textLine({ at: new Date(time), line, suppressed }, colour), event, level }
  } catch {
    return { text: printed }
  }
}

/** How many peers a node has after an event; undefined when the event does not change that. */
export function connectedAfter(event: NodeEvent | undefined): number | undefined {
  return event?.kind === 'peer-joined' || event?.kind === 'peer-left' ? event.connected : undefined
}

/**
 * The log level of a node: from the environment, or else from its `.env`. A value that the node
 * refuses counts as the default: the node reports it.
 */
export function levelOf(env: NodeJS.ProcessEnv, envText: string): LogLevel {
  const { name, parse } = SETTINGS.logLevel
  const value = env[name]?.trim() || settingOf(envText, name)
  const parsed = value === undefined ? undefined : parse(value)
  return parsed?.kind === 'value' ? parsed.value : 'info'
}

export function isQuieter(a: LogLevel, b: LogLevel): boolean {
  return LOG_LEVELS.indexOf(a) < LOG_LEVELS.indexOf(b)
}

/** Whether a node of this level shows the line. Lines that are not of the log are always shown. */
export function isShown({ level }: NodeOutput, shown: LogLevel): boolean {
  return level === undefined || !isQuieter(shown, level)
}

/** Whether a line is not one that all nodes print: a warning, or a line that is not of the log. */
export function isRemarkable(output: NodeOutput): boolean {
  return isShown(output, 'warn')
}
