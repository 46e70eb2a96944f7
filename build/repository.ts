/** Where the repository lies, whatever the working directory. */

import { dirname } from 'node:path'

/** The absolute path of the folder with package.json. */
export const REPOSITORY = dirname(import.meta.dirname)

/** What Node is given before a script in TypeScript. */
export const TYPESCRIPT = ['--import', import.meta.resolve('./typescript.js')] as const
