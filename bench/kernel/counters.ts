/**
 * Counters of this network namespace. To read one costs microseconds, however many sockets there
 * are; so these are polled, and the table of sockets is read only when they show that a mesh may be
 * complete.
 */

import { readFileSync } from 'node:fs'

/** What the kernel has counted since the namespace was made. */
export interface NetworkCounters {
  /** Ends of TCP connections that are open now: two for each connection inside the namespace. */
  readonly openEnds: number
  /** Connections that any process began to open, with and without success. */
  readonly dials: number
  /** Those of them without an answer, or refused. */
  readonly refusedDials: number
  /** IP packets, headers included, of IPv4 and IPv6. */
  readonly bytes: number
}

/** Looks at the counters. Linux only. */
export function networkCounters(): NetworkCounters {
  const snmp = readFileSync('/proc/net/snmp', 'utf8')
  const netstat = readFileSync('/proc/net/netstat', 'utf8')
  const snmp6 = readFileSync('/proc/net/snmp6', 'utf8')
  return {
    openEnds: openEnds(snmp),
    dials: counterIn(snmp, 'Tcp', 'ActiveOpens'),
    refusedDials: counterIn(snmp, 'Tcp', 'AttemptFails'),
    bytes: counterIn(netstat, 'IpExt', 'OutOctets') + counterIn6(snmp6, 'Ip6OutOctets'),
  }
}

/** The counters that show whether a mesh can be complete. */
export interface Progress {
  /** As {@link NetworkCounters} has it. */
  readonly openEnds: number
  /** Connections that the kernel has opened for who listens, who may not have them yet. */
  readonly accepted: number
}

/** The cheapest look of all. */
export function progress(): Progress {
  const snmp = readFileSync('/proc/net/snmp', 'utf8')
  return { openEnds: openEnds(snmp), accepted: counterIn(snmp, 'Tcp', 'PassiveOpens') }
}

function openEnds(snmp: string): number {
  return counterIn(snmp, 'Tcp', 'CurrEstab')
}

/**
 * A counter of a file in which each group has a line of names and below it one of numbers.
 *
 * @throws {Error} when there is none of that name
 */
export function counterIn(text: string, group: string, name: string): number {
  const lines = text.split('\n').filter((line) => line.startsWith(`${group}: `))
  const [names = [], numbers = []] = lines.map((line) => line.split(' '))
  const number = Number(numbers[names.indexOf(name)])
  if (Number.isNaN(number)) throw new Error(`the kernel has no counter ${group} ${name}`)
  return number
}

/** A counter of /proc/net/snmp6, a name and a number a line; 0 where there is no IPv6. */
function counterIn6(text: string, name: string): number {
  return Number(new RegExp(`^${name}\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}
