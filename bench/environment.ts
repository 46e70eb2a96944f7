/**
 * The environment of every process that is measured. What an operator has exported would be
 * measured along: with NODE_EXTRA_CA_CERTS, which many containers set, each start of Node 20 reads
 * all certificates of the system, which takes 80 ms of CPU, twice of what it needs otherwise.
 */

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>

/** Variables with paths, which do not change how programs run. */
const KEPT = ['HOME', 'PATH', 'TMPDIR'] as const

/** Only what a program needs to be found and to run. */
export const MEASURED_ENV: Environment = Object.fromEntries(
  KEPT.flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [[name, value]]
  }),
)
