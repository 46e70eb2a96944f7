/**
 * A self-signed certificate (RFC 5280) and its key, for TLS whose peers compare the certificate
 * with a proof and need no authority. It has nothing of the node in it.
 */

import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'

/** A certificate and its private key, as PEM. */
export interface KeyPair {
  readonly cert: string
  readonly key: string
}

const DAY_MS = 24 * 60 * 60 * 1000

/**
 * How long a certificate is valid, in ms. Larger: whoever gets the key out of the memory of a node
 * can use it longer. Smaller: renewed more often, at 20 ms.
 */
export const VALID_MS = 30 * DAY_MS

/**
 * @param nowMs since 1970
 * @param name its common name; peers that verify the proof ignore it
 */
export function makeSelfSigned(nowMs: number, name = 'fullmesh'): KeyPair {
  // RSA signatures take ten times as long.
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  // From a day ago: the clocks of the peers may be behind.
  const validity = sequence(time(nowMs - DAY_MS), time(nowMs + VALID_MS))
  const subject = nameOf(name)
  const content = sequence(
    VERSION_3,
    integer(serialNumber()),
    ECDSA_WITH_SHA256,
    subject,
    validity,
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
  )
  const signature = element(BIT_STRING, NO_UNUSED_BITS, sign('sha256', content, privateKey))
  const cert = sequence(content, ECDSA_WITH_SHA256, signature).toString('base64')
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${cert.replace(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  }
}

// --- DER (X.690): a tag, a length, and the content -----------------------------------------------

const INTEGER = 0x02
const BIT_STRING = 0x03
const OBJECT_IDENTIFIER = 0x06
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const SEQUENCE = 0x30
const SET = 0x31
const EXPLICIT_0 = 0xa0

function element(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const lengths =
    length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length]
  return Buffer.concat([Buffer.from([tag, ...lengths]), content])
}

const sequence = (...parts: readonly Buffer[]): Buffer => element(SEQUENCE, ...parts)

const integer = (bytes: Buffer): Buffer => element(INTEGER, bytes)

/** `261231235959Z`. */
function time(ms: number): Buffer {
  const digits = new Date(ms).toISOString().replace(/\.\d+|\D/g, '')
  return element(UTC_TIME, Buffer.from(`${digits.slice(2)}Z`))
}

function nameOf(text: string): Buffer {
  return sequence(element(SET, sequence(COMMON_NAME, element(UTF8_STRING, Buffer.from(text)))))
}

/** Positive, and as short as its first byte allows. */
function serialNumber(): Buffer {
  const bytes = randomBytes(16)
  bytes[0] = 1
  return bytes
}

const NO_UNUSED_BITS = Buffer.from([0])
const VERSION_3 = element(EXPLICIT_0, integer(Buffer.from([2])))
const COMMON_NAME = element(OBJECT_IDENTIFIER, Buffer.from('550403', 'hex'))
/** 1.2.840.10045.4.3.2 */
const ECDSA_WITH_SHA256 = sequence(
  element(OBJECT_IDENTIFIER, Buffer.from('2a8648ce3d040302', 'hex')),
)
