/** The secret and the certificate of a node, and what goes wrong with the proofs of its links. */

import type { WebSocket } from 'ws'
import { type Key, Keyring } from '../auth/key.ts'
import { OptionSource } from '../config/option-source.ts'
import { readSetting } from '../config/read-settings.ts'
import type { SecretMode, TlsPin } from '../config/setting-values.ts'
import { SETTINGS } from '../config/settings.ts'
import { NodeError } from '../errors/node-error.ts'
import type { LinkSecurity } from '../http/site.ts'
import { type KeyUse, LinkProofs, type LinkProofsOptions } from '../io/link-proofs.ts'
import { tcpOf } from '../io/mesh-socket.ts'
import { type OnSecretProblem, SecretProblems } from '../io/secret-problems.ts'
import type { LifecycleEvent } from '../log/events.ts'
import { runtimeName } from '../runtime/runtime-name.ts'
import type { Certificate, CertificateText } from '../tls/certificate.ts'
import { isTls } from '../tls/peer-certificate.ts'
import { selfTest } from '../tls/self-test.ts'
import { TlsAcceptor } from '../tls/tls-acceptor.ts'
import { certificateIn } from './options.ts'

export interface NodeSecurityOptions
  extends Pick<LinkProofsOptions, 'identity' | 'mode' | 'onWithdrawn'> {
  /** None when the mesh has no secret. */
  readonly secrets: readonly string[]
  readonly tlsPin: TlsPin
  /** Whether this node encrypts. */
  readonly isSecure: boolean
  /** Undefined for one that it makes. */
  readonly certificate: Certificate | undefined
  readonly onEvent: (event: LifecycleEvent) => void
}

export class NodeSecurity {
  /** Undefined when the mesh has no secret. */
  readonly proofs: LinkProofs | undefined
  /** Undefined when this node does not encrypt. */
  readonly tls: TlsAcceptor | undefined
  readonly onProblem: OnSecretProblem
  readonly #keyring: Keyring | undefined
  readonly #problems: SecretProblems
  readonly #onEvent: (event: LifecycleEvent) => void
  readonly #mode: SecretMode
  readonly #certificates: Extract<LifecycleEvent, { kind: 'secret-used' }>['certificates']

  constructor(all: NodeSecurityOptions) {
    const { secrets, onEvent, tlsPin, isSecure, certificate, ...options } = all
    this.#onEvent = onEvent
    this.tls = isSecure ? new TlsAcceptor(certificate) : undefined
    const pinsCertificates = tlsPin === 'secret'
    const ofNode = isSecure ? 'secret' : 'none'
    const ofPeers = pinsCertificates ? ofNode : 'authorities'
    this.#certificates = certificate?.ca === undefined ? ofPeers : 'ca'
    this.#mode = options.mode ?? 'require'
    this.#problems = new SecretProblems((peer, problem) => {
      // It shows another certificate than the node behind it proves.
      const mayBeProxy = problem === 'differs' && pinsCertificates && peer.startsWith('wss:')
      onEvent({ kind: 'secret-problem', peer, problem, mayBeProxy })
    })
    this.onProblem = (...problem) => this.#problems.report(...problem)
    const keyring = secrets.length > 0 ? new Keyring(secrets) : undefined
    this.#keyring = keyring
    this.proofs = keyring && new LinkProofs({ keyring, pinsCertificates, ...options })
  }

  /** The keys that count now, and whether a node without the secret is linked as well. */
  get keysOfMesh(): { readonly keys: readonly Key[]; readonly isOpen: boolean } {
    const keys = this.#keyring?.keys ?? []
    return { keys, isOpen: keys.length === 0 || this.#mode === 'accept' }
  }

  /** All keys with their links; undefined when the mesh has no secret. */
  usage(): readonly KeyUse[] | undefined {
    return this.proofs?.usage()
  }

  /** How many links have not proven the secret; undefined where that must be proven. */
  unproven(): number | undefined {
    return this.#mode === 'accept' ? this.proofs?.unprovenLinks : undefined
  }

  /** Of the link with this socket. Without one, what is true of no link. */
  linkSecurity(socket: WebSocket | undefined): LinkSecurity {
    if (socket === undefined) return { encrypted: false, key: null }
    const key = this.proofs?.keyOf(socket)?.fingerprint ?? null
    return { encrypted: isTls(tcpOf(socket)), key }
  }

  /**
   * Tries who gets in, where certificates of peers decide.
   *
   * @throws {NodeError} RUNTIME_CERTIFICATES_IGNORED or CONFIG_TLS_INVALID
   */
  async assertClientCertificatesChecked(): Promise<void> {
    if (this.tls?.certificate.ca === undefined) return
    const result = await selfTest(this.tls)
    if (result === 'works') return
    const runtime = runtimeName(process)
    if (result === 'open') {
      const problem = `${runtime} lets in nodes without a certificate that TLS_CA has signed`
      const fix = 'update it, run the node on Node.js, or use a secret without TLS_CA'
      throw new NodeError('RUNTIME_CERTIFICATES_IGNORED', `${problem}; ${fix}`)
    }
    const problem = 'TLS_CA does not take the certificate of this node, so peers would refuse it'
    const fix = `set TLS_CERT to a valid one that it has signed, for clients and servers (unless ${runtime} cannot tell)`
    throw new NodeError('CONFIG_TLS_INVALID', `${problem}; ${fix}`)
  }

  /** Reports which keys are used, if any. */
  report(): void {
    const keys = this.usage()?.map(({ key }) => key)
    if (keys === undefined) return
    const mode = this.#mode
    this.#onEvent({ kind: 'secret-used', keys, mode, certificates: this.#certificates })
  }

  /**
   * Takes another secret, as the option `secret` has it.
   *
   * @throws {NodeError} CONFIG_SECRET_INVALID
   * @throws {Error} when the node was made without one
   */
  replace(secret: string): void {
    const { proofs } = this
    if (proofs === undefined) throw new Error('the node was made without a secret: make a new one')
    const secrets = readSetting(new OptionSource({ port: undefined, secret }), SETTINGS.secret)
    if (secrets === undefined) {
      throw new NodeError('CONFIG_SECRET_INVALID', 'the new secret is undefined; give its text')
    }
    proofs.replace(secrets)
    this.#problems.clear()
    this.report()
  }

  /**
   * Takes another certificate, as the option `certificate` has it, for connections to come.
   *
   * @throws {NodeError} CONFIG_TLS_INVALID
   * @throws {Error} when the node was made without one, or without authorities
   */
  replaceCertificate(text: CertificateText): void {
    if (this.tls === undefined) throw new Error('the node does not encrypt: make a new one')
    const { ca } = this.tls.certificate
    // Those of before stay where none are given.
    const certificate = certificateIn(ca === undefined ? text : { ca, ...text })
    // What the runtime says of them is tried at the start.
    if (certificate.ca !== undefined && ca === undefined) {
      throw new Error('the node was made without certificate.ca: make a new one')
    }
    this.tls.replace(certificate)
  }
}
