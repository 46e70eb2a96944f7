/** The folder of the repository, in any working directory. */

import { dirname } from 'node:path'

export const REPOSITORY = dirname(import.meta.dirname)

/** Arguments of Node before a script in TypeScript. */
export const TYPESCRIPT = ['--import', new URL('./typescript.js', import.meta.url).href] as const
