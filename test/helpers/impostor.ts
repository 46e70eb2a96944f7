/** A node, and another one that announces its address. */

import { identityAt, meshId } from './core.ts'

export const REAL = identityAt(4002)
/** Another node that announces the address of the one on port 4002. */
export const IMPOSTOR = identityAt(4002, { id: meshId(9_999) })
