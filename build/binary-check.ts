/**
 * Opens a binary again and looks what is in it. Tools that make such binaries have been seen to
 * fail without a word and to leave a plain Node, which would start, do nothing, and bear our name.
 */

import { CODE_ASSET } from '../src/runtime/own-code.ts'
import { ToolError } from './command-line.ts'
import { type Executable, readExecutable } from './executable.ts'
import { signatureProblem } from './mac-signature.ts'
import type { Platform } from './node-releases.ts'
import { readBlob } from './sea-blob.ts'

/** Where Node looks for its payload: src/node_sea.cc. */
const PAYLOAD_NAME = { name: 'NODE_SEA_BLOB', segment: 'NODE_SEA' } as const

/** The text in a Node before `:0`, or before `:1` when there is a payload that it shall run. */
const FUSE = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2'

/** What a binary must be. */
export interface Expectation {
  readonly platform: Pick<Platform, 'name' | 'os' | 'arch'>
  /** The payload, as Node makes it from the script. */
  readonly blob: Uint8Array
  readonly script: Uint8Array
}

/**
 * Makes sure that a binary runs our script, all of it and nothing else, on its platform.
 *
 * @throws {ToolError} that says what is wrong with it
 */
export function checkBinary(binary: Buffer, { platform, blob, script }: Expectation): void {
  const { os, arch, payload } = opened(binary)
  if (os !== platform.os || arch !== platform.arch) {
    throw new ToolError(`it is for ${os}-${arch}, not for ${platform.name}`)
  }
  if (payload === undefined) throw new ToolError('it has no payload: it is a plain Node')
  const unsigned = os === 'macos' ? readable(() => signatureProblem(binary)) : undefined
  if (unsigned !== undefined) throw new ToolError(unsigned)
  if (fuseOf(binary) !== '1') throw new ToolError('its fuse is not set: Node ignores the payload')
  if (Buffer.compare(payload, blob) !== 0) {
    throw new ToolError(
      `its payload differs from the blob in byte ${firstDifference(payload, blob)}`,
    )
  }
  // The blob was not made by us either.
  const content = readBlob(payload)
  for (const copy of [content.script, content.assets.get(CODE_ASSET) ?? new Uint8Array()]) {
    if (Buffer.compare(copy, script) !== 0) {
      throw new ToolError(`its script differs from ours in byte ${firstDifference(copy, script)}`)
    }
  }
}

/**
 * The payload of a binary; undefined when it has none.
 *
 * @throws {ToolError} when it is no binary
 */
export function payloadOf(binary: Buffer): Uint8Array | undefined {
  return opened(binary).payload
}

function opened(binary: Buffer): Executable {
  return readable(() => readExecutable(binary, PAYLOAD_NAME))
}

/** What is read from bytes that may be anything. */
function readable<Result>(read: () => Result): Result {
  try {
    return read()
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause
    throw new ToolError(`it cannot be read as an executable: ${cause.message}`)
  }
}

/** The fuse, as it is; undefined when there is none, or more than one. */
function fuseOf(binary: Buffer): string | undefined {
  const start = binary.indexOf(FUSE)
  if (start === -1 || binary.indexOf(FUSE, start + 1) !== -1) return undefined
  const [colon, fuse] = binary.toString('latin1', start + FUSE.length, start + FUSE.length + 2)
  return colon === ':' ? fuse : undefined
}

/** Counted from 0. The length of the shorter one, when that is how the longer one begins. */
export function firstDifference(one: Uint8Array, other: Uint8Array): number {
  const index = one.findIndex((byte, at) => byte !== other[at])
  return index === -1 ? one.length : index
}
