/**
 * Budgets of dials that peers cause and that may reach nobody: by the host that is dialed, so that
 * strangers cannot flood or scan it through us, and by the host that asked for them. This machine
 * is exempt, since whole meshes run on it.
 */

import { BoundedMap } from '../../structures/bounded-map.ts'
import { TokenBucket } from '../../structures/token-bucket.ts'
import { isLoopbackHost } from '../address/scope.ts'
import {
  DIAL_BUDGET_HOSTS_MAX,
  HOST_DIALS_BURST,
  HOST_DIALS_PER_SECOND,
  TEACHER_DIALS_BURST,
  TEACHER_DIALS_PER_SECOND,
} from '../limits.ts'

export class DialBudget {
  readonly #hosts = new BoundedMap<string, TokenBucket>(DIAL_BUDGET_HOSTS_MAX)
  readonly #teachers = new BoundedMap<string, TokenBucket>(DIAL_BUDGET_HOSTS_MAX)
  /** Whether each host is this machine: it is asked for all that wait, again and again. */
  readonly #loopback = new BoundedMap<string, boolean>(DIAL_BUDGET_HOSTS_MAX)

  /** When a host may be dialed for a teacher: `nowMs`, or later. */
  allowedAtMs(teacher: string, host: string, nowMs: number): number {
    const ofHostMs = this.hostAllowedAtMs(host, nowMs)
    const ofTeacherMs = this.#teachers.get(teacher)?.availableAtMs(nowMs) ?? nowMs
    const atMs = Math.max(ofHostMs, ofTeacherMs)
    return atMs > nowMs && this.#isLoopback(host) ? nowMs : atMs
  }

  /** The same when no teacher counts. */
  hostAllowedAtMs(host: string, nowMs: number): number {
    // This machine has no bucket.
    return this.#hosts.get(host)?.availableAtMs(nowMs) ?? nowMs
  }

  #isLoopback(host: string): boolean {
    const known = this.#loopback.get(host)
    if (known !== undefined) return known
    const isLoopback = isLoopbackHost(host)
    this.#loopback.set(host, isLoopback)
    return isLoopback
  }

  /** The host is dialed for the teacher. */
  take(teacher: string, host: string, nowMs: number): void {
    if (this.#isLoopback(host)) return
    this.takeOfHost(host, nowMs)
    const ofTeacher =
      this.#teachers.get(teacher) ??
      new TokenBucket(TEACHER_DIALS_BURST, TEACHER_DIALS_PER_SECOND, nowMs)
    ofTeacher.take(nowMs)
    // Set anew, so that the one that was dialed longest ago is the oldest.
    this.#teachers.set(teacher, ofTeacher)
  }

  /** The same when no teacher counts. */
  takeOfHost(host: string, nowMs: number): void {
    if (this.#isLoopback(host)) return
    const ofHost =
      this.#hosts.get(host) ?? new TokenBucket(HOST_DIALS_BURST, HOST_DIALS_PER_SECOND, nowMs)
    ofHost.take(nowMs)
    this.#hosts.set(host, ofHost)
  }
}
