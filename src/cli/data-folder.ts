/** Whether a node can store messages in the folder that DATA names. Changes nothing. */

import { accessSync, constants, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { refusalOf } from '../errors/system-error.ts'

/**
 * Why this user cannot write there, or in the folder above in which it would be made; undefined if
 * nothing shows it.
 */
export function problemWithFolder(folder: string): string | undefined {
  for (let at = folder; ; at = dirname(at)) {
    try {
      if (!statSync(at).isDirectory()) return `${at} is no folder; set DATA to another one`
      accessSync(at, constants.W_OK | constants.X_OK)
      return undefined
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal === 'ENOENT' && dirname(at) !== at) continue
      if (refusal === 'ENOTDIR') continue
      return `this user cannot write in ${at} (${refusal}); let it write there, or set DATA to another folder`
    }
  }
}
