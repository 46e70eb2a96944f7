/** Debian's faketime: a library that gives a program another date. */

import { existsSync } from 'node:fs'

/** The path of the library, for `LD_PRELOAD`; undefined when it is not installed. */
export function faketimeLibrary(): string | undefined {
  return ['x86_64', 'aarch64']
    .map((processor) => `/usr/lib/${processor}-linux-gnu/faketime/libfaketimeMT.so.1`)
    .find((path) => existsSync(path))
}
