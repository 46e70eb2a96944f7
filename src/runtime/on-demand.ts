/**
 * What few nodes use of Node, loaded by the first call: its modules would take a tenth of every
 * start. build/compile.ts gives this file to the packages, too, for `https`, `tls`, `zlib`, `os`.
 */

import type { ClientRequest } from 'node:http'
import type { RequestOptions } from 'node:https'
import type { Socket } from 'node:net'
import type {
  ConnectionOptions,
  SecureContext,
  SecureContextOptions,
  TLSSocket,
  TLSSocketOptions,
} from 'node:tls'
import type { DeflateRaw, InflateRaw, ZlibOptions } from 'node:zlib'

export function isatty(descriptor: number): boolean {
  return process.getBuiltinModule('node:tty').isatty(descriptor)
}

export function devNull(): string {
  return process.getBuiltinModule('node:os').devNull
}

/** Rejects when the signal is aborted. */
export function delay(ms: number, signal: AbortSignal): Promise<void> {
  return process.getBuiltinModule('node:timers/promises').setTimeout(ms, undefined, { signal })
}

/** The IPs of this machine. None on Deno, which would ask the operator for a permission. */
export function networkIps(): readonly string[] {
  if (process.versions['deno'] !== undefined) return []
  const { networkInterfaces } = process.getBuiltinModule('node:os')
  const all = Object.values(networkInterfaces()).flatMap((ofInterface) => ofInterface ?? [])
  return all.filter(({ internal }) => !internal).map(({ address }) => address)
}

export function crc32(bytes: Uint8Array, before = 0): number {
  return process.getBuiltinModule('node:zlib').crc32(bytes, before)
}

export function createSecureContext(options: SecureContextOptions): SecureContext {
  return process.getBuiltinModule('node:tls').createSecureContext(options)
}

export function tlsSocket(tcp: Socket, options: TLSSocketOptions): TLSSocket {
  const { TLSSocket } = process.getBuiltinModule('node:tls')
  return new TLSSocket(tcp, options)
}

// --- For ws, when it dials wss, and for our commands: --------------------------------------------

export function request(options: RequestOptions): ClientRequest {
  return process.getBuiltinModule('node:https').request(options)
}

export function connect(options: ConnectionOptions): TLSSocket {
  return process.getBuiltinModule('node:tls').connect(options)
}

// --- For ws, when it compresses, and for dotenv: which ours never do -----------------------------

/** Zlib's own numbers. */
export const Z_DEFAULT_WINDOWBITS = 15
export const Z_SYNC_FLUSH = 2

export function createInflateRaw(options: ZlibOptions): InflateRaw {
  return process.getBuiltinModule('node:zlib').createInflateRaw(options)
}

export function createDeflateRaw(options: ZlibOptions): DeflateRaw {
  return process.getBuiltinModule('node:zlib').createDeflateRaw(options)
}

export function homedir(): string {
  return process.getBuiltinModule('node:os').homedir()
}
