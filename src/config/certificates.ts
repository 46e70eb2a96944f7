/** The certificate of an operator: TLS_CERT, TLS_KEY and TLS_CA name its files. */

import { resolve } from 'node:path'
import { NodeError } from '../errors/node-error.ts'
import { problemWithAuthority } from '../tls/authority-chain.ts'
import {
  type Certificate,
  type CertificateText,
  hasCertificate,
  readCertificate,
} from '../tls/certificate.ts'
import type { EnvSource } from './env-source.ts'
import { readSetting } from './read-settings.ts'
import { SETTINGS } from './settings.ts'
import { readTextFile } from './text-file.ts'

/** Their paths. */
export interface CertificateFiles {
  readonly cert: string
  readonly key: string
  /** Undefined where certificates of peers are not asked for. */
  readonly ca: string | undefined
}

/**
 * An expired certificate is refused by those who ask an authority. In ms. Larger: a warning while
 * the usual renewal, which begins with 30 days left, is still to come. Smaller: no time to act.
 */
const EXPIRES_SOON_MS = 7 * 24 * 60 * 60 * 1000

/**
 * The files of the node in `dir`; undefined when it makes its own certificate.
 *
 * @param isSecure whether the node encrypts
 * @throws {NodeError} CONFIG_TLS_INVALID when only one is set, or none is needed
 */
export function certificateFilesOf(
  source: EnvSource,
  dir: string,
  isSecure: boolean,
): CertificateFiles | undefined {
  const { tlsCert, tlsKey, tlsCa, address } = SETTINGS
  const cert = readSetting(source, tlsCert)
  const key = readSetting(source, tlsKey)
  const ca = readSetting(source, tlsCa)
  if (cert === undefined && key === undefined) {
    if (ca === undefined) return undefined
    const fix = `set ${source.example(tlsCert)} and ${source.example(tlsKey)}, or delete it`
    throw invalid(`${source.subject(tlsCa)} needs a certificate that it has signed; ${fix}`)
  }
  if (cert === undefined || key === undefined) {
    const [has, lacks] = cert === undefined ? [tlsKey, tlsCert] : [tlsCert, tlsKey]
    const fix = `set ${source.example(lacks)}, or delete it`
    throw invalid(`${source.subject(has)} needs ${lacks.name}, too; ${fix}`)
  }
  if (!isSecure) {
    const problem = `${source.subject(tlsCert)} is for a node that encrypts`
    throw invalid(`${problem}; set ${address.name} to wss://… without TLS=off, or delete it`)
  }
  return { cert: resolve(dir, cert), key: resolve(dir, key), ca: ca && resolve(dir, ca) }
}

/** @throws {NodeError} CONFIG_TLS_INVALID when they do not fit, CONFIG_FILE_… */
export function readCertificateFiles(files: CertificateFiles): Certificate {
  const { cert, key, ca } = files
  const pair = { cert: textOf(cert, 'TLS_CERT'), key: textOf(key, 'TLS_KEY') }
  const places = { pair: `${cert} and ${key}`, ca: ca ?? '' }
  return certificateOf(places, ca === undefined ? pair : { ...pair, ca: textOf(ca, 'TLS_CA') })
}

function textOf(file: string, setting: string): string {
  const text = readTextFile(file)
  if (text === undefined) throw invalid(`${file} does not exist; correct ${setting}`)
  return text
}

/** @param places for messages. @throws {NodeError} CONFIG_TLS_INVALID when they do not fit */
export function certificateOf(
  places: { readonly pair: string; readonly ca: string },
  text: CertificateText,
): Certificate {
  const { ca } = text
  if (ca !== undefined && !hasCertificate(ca)) {
    throw invalid(
      `${places.ca} has no certificate as PEM (-----BEGIN CERTIFICATE-----); correct it`,
    )
  }
  const read = readCertificate(text)
  if (read.kind === 'rejected') {
    throw invalid(`${places.pair} ${read.problem}; take the two files that belong together`)
  }
  const problem = ca && problemWithAuthority(text.cert, ca)
  if (!problem) return read.certificate
  const fix = 'take one that they have signed, for clients and servers'
  throw invalid(`peers with ${places.ca} would refuse ${places.pair}: ${problem}; ${fix}`)
}

/** A line when it ends soon, or has ended. */
export function expiryWarning(
  { cert }: CertificateFiles,
  { expiresMs }: Certificate,
): string | undefined {
  if (Date.now() < expiresMs - EXPIRES_SOON_MS) return undefined
  const verb = Date.now() < expiresMs ? 'expires' : 'has expired'
  return `${cert} ${verb} at ${new Date(expiresMs).toISOString()}; renew it`
}

function invalid(message: string): NodeError {
  return new NodeError('CONFIG_TLS_INVALID', message)
}
