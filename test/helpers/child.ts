/** A process that helps a test and prints what it does. It ends with the test. */

import { spawn } from 'node:child_process'
import type { ExecutionContext } from 'ava'
import { REPOSITORY } from '../../build/repository.ts'
import type { AttackOrder } from '../attack/main.ts'
import { compiled } from './compiled.ts'
import { endChild } from './end-child.ts'
import { NODE, type Runtime } from './node-process.ts'

export class Child {
  /** What it has printed so far. */
  output = ''

  /** Runs a script, whose path is relative to the repository. */
  static start(t: ExecutionContext, words: readonly string[], runtime: Runtime = NODE): Child {
    const [program, ...flags] = runtime
    const started = new Child()
    const child = spawn(program, [...flags, ...words], { cwd: REPOSITORY })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        started.output += String(text)
      })
    }
    t.teardown(() => endChild(child))
    return started
  }

  /** The lines that it has printed so far and that match. */
  matches(pattern: RegExp): readonly RegExpExecArray[] {
    return this.output.split('\n').flatMap((line) => {
      const match = pattern.exec(line)
      return match === null ? [] : [match]
    })
  }
}

/** An attack in a process of its own, so that it takes no time of the test's. */
export function attack(t: ExecutionContext, order: AttackOrder, runtime?: Runtime): Child {
  return Child.start(t, [compiled('test/attack/main.ts'), JSON.stringify(order)], runtime)
}
