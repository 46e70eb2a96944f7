/** The configuration of a node, read from the environment, `.env` and `known-peers.json`. */

import { statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { LAN_SOURCE, type Source } from '../discovery/source.ts'
import { NodeError } from '../errors/node-error.ts'
import { refusalOf } from '../errors/system-error.ts'
import type { LogFormat, LogLevel } from '../log/log.ts'
import { type Address, hostOf } from '../mesh/address/address.ts'
import type { IpRange } from '../mesh/address/ip-range.ts'
import { admitsAddress, isLoopbackHost } from '../mesh/address/scope.ts'
import type { Certificate } from '../tls/certificate.ts'
import {
  type CertificateFiles,
  certificateFilesOf,
  expiryWarning,
  readCertificateFiles,
} from './certificates.ts'
import { EnvSource } from './env-source.ts'
import type { Environment } from './environment.ts'
import { joined, type KnownPeers, readKnownPeersFile, textsOf, within } from './known-peers.ts'
import {
  assertCertificateProven,
  type NodeSettings,
  readNodeSettings,
  readSetting,
} from './read-settings.ts'
import { readSecrets } from './secrets.ts'
import { SETTINGS } from './settings.ts'

export interface Config extends NodeSettings {
  readonly dir: string
  /** Where the port was set: the path of a file, or `the environment variable PORT`. */
  readonly portSource: string
  /** Canonical, each once, of the file and the setting. May hold our own address. */
  readonly knownPeers: readonly Address[]
  /** The entries of both that lead to addresses. */
  readonly sources: readonly Source[]
  /** Those of the setting, as text: they stay when the file changes. */
  readonly knownPeersSet: readonly string[]
  /** Without a file the node waits until another one dials it. */
  readonly knownPeersFile: 'read' | 'missing'
  /** The file that the secrets are from, which may change while the node runs. */
  readonly secretFile: string | undefined
  /** Undefined when the node makes its own certificate, or encrypts nothing. */
  readonly certificate: Certificate | undefined
  /** Where it is from: the files may change while the node runs. */
  readonly certificateFiles: CertificateFiles | undefined
  readonly httpAllow: readonly IpRange[]
  readonly topicsAllow: readonly IpRange[]
  readonly logLevel: LogLevel
  readonly logFormat: LogFormat
  /** Probable mistakes that do no harm, such as a misspelt key in `.env`: one line each. */
  readonly warnings: readonly string[]
}

/**
 * Reads the configuration of the node in `dir`. A variable of the environment wins over `.env`; an
 * empty one, here or there, counts as not set.
 *
 * @throws {NodeError} CONFIG_… for the first configuration error.
 */
export function readConfig(place: { readonly dir: string; readonly env: Environment }): Config {
  const { dir, env } = place
  assertFolder(dir)
  const source = new EnvSource(join(dir, '.env'), env)
  const read = readNodeSettings(source)
  const secrets = readSecrets(source, dir, read.secrets)
  const certificateFiles = certificateFilesOf(source, dir, read.isSecure)
  const certificate = certificateFiles && readCertificateFiles(certificateFiles)
  const expiry = certificateFiles && certificate && expiryWarning(certificateFiles, certificate)
  const isProven = secrets.secrets.length > 0 || certificate !== undefined
  assertCertificateProven(source, read, isProven)
  const peersFile = join(dir, 'known-peers.json')
  const ofFile = readKnownPeersFile(peersFile)
  const ofSetting = readSetting(source, SETTINGS.knownPeers)
  const subject = subjectOf(source, peersFile, ofFile)
  const { addresses, sources } = within(subject, joined(ofFile, ofSetting))
  const settings = { ...read, isAddressAuto: isAddressAuto(read, sources) }
  const { messages } = settings
  const folder = messages.folder && resolve(dir, messages.folder)
  return {
    dir,
    ...settings,
    secrets: secrets.secrets,
    secretFile: secrets.file,
    certificate,
    certificateFiles,
    messages: { ...messages, folder },
    portSource: source.placeOf(SETTINGS.port),
    knownPeers: addresses,
    sources,
    knownPeersSet: textsOf(ofSetting),
    knownPeersFile: ofFile === undefined ? 'missing' : 'read',
    httpAllow: readSetting(source, SETTINGS.httpAllow) ?? [],
    topicsAllow: readSetting(source, SETTINGS.topicsAllow) ?? [],
    logLevel: readSetting(source, SETTINGS.logLevel) ?? 'info',
    logFormat: readSetting(source, SETTINGS.logFormat) ?? 'text',
    warnings: [
      ...source.warnings(),
      ...secrets.warnings,
      ...(expiry === undefined ? [] : [expiry]),
      ...addressWarnings(settings),
      ...scopeWarnings(source, settings),
    ],
  }
}

/** What has the known peers, for messages. */
function subjectOf(source: EnvSource, file: string, ofFile: KnownPeers | undefined): string {
  const setting = source.subject(SETTINGS.knownPeers)
  return ofFile === undefined ? setting : `the list of ${file} and ${setting}`
}

/** @throws {NodeError} CONFIG_DIR_INVALID when it is not a folder that can be looked into */
export function assertFolder(dir: string): void {
  let problem = 'is not a folder'
  let cause: unknown
  try {
    if (statSync(dir).isDirectory()) return
  } catch (error) {
    const refusal = refusalOf(error)
    problem = refusal === 'ENOENT' ? 'does not exist' : `cannot be read (${refusal})`
    cause = error
  }
  const message = `${dir} ${problem}; give --dir the folder that holds the .env of the node`
  throw new NodeError('CONFIG_DIR_INVALID', message, { cause })
}

/** Also on the LAN, where `localhost` leads each node to itself: two folders need no address. */
function isAddressAuto(read: NodeSettings, sources: readonly Source[]): boolean {
  if (read.isAddressAuto) return true
  if (read.isAddressSet || read.listenSubject !== undefined) return false
  return sources.includes(LAN_SOURCE)
}

/** Nodes on two machines that name each other `ws://localhost:4001` never connect. */
function addressWarnings(settings: NodeSettings): readonly string[] {
  const { address, isAddressAuto, isAddressSet, listen, listenSubject } = settings
  const remote = listen.find((ip) => !isLoopbackHost(ip))
  if (listenSubject === undefined || remote === undefined) return []
  if (isAddressSet || isAddressAuto || !isLoopbackHost(hostOf(address))) return []
  return [
    `${listenSubject} has ${remote}, but this node announces ${address}, which only this machine can dial; set ADDRESS`,
  ]
}

/** Names are judged by those who look them up. */
function scopeWarnings(source: EnvSource, { address }: NodeSettings): readonly string[] {
  if (isLoopbackHost(hostOf(address)) || admitsAddress('network', address)) return []
  const reason = 'a link-local, multicast or reserved IP, which no peer dials; change it'
  return [`${source.subject(SETTINGS.address)} is ${address}, ${reason}`]
}
