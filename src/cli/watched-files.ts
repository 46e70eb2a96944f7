/** The files that a running node reads again and again: those of its secret and its certificate. */

import {
  type CertificateFiles,
  expiryWarning,
  readCertificateFiles,
} from '../config/certificates.ts'
import type { Config } from '../config/config.ts'
import { missingSecret, secretsIn } from '../config/secrets.ts'
import type { MeshNode } from '../node/mesh-node.ts'
import { monotonicMs } from '../runtime/monotonic.ts'
import type { CertificateText } from '../tls/certificate.ts'
import { FileWatch } from './file-watch.ts'

/** The node that runs, and what the files had last. */
export interface Holder {
  readonly node: Pick<MeshNode, 'replaceCertificate' | 'replaceSecret' | 'report'>
  secrets: readonly string[]
  certificate: CertificateText | undefined
}

/** Between two warnings that the certificate expires, in ms. */
const WARN_AGAIN_MS = 24 * 60 * 60 * 1000

/** @param nowMs monotonic */
export function watchFiles(
  holder: Holder,
  config: Config,
  nowMs = monotonicMs,
): readonly FileWatch[] {
  const { secretFile, certificateFiles: files, certificate } = config
  const watches = secretFile === undefined ? [] : [watchSecret(holder, secretFile)]
  if (files === undefined || certificate === undefined) return watches
  // The configuration has the warning of the start.
  const isWarned = expiryWarning(files, certificate) !== undefined
  const warnAtMs = isWarned ? nowMs() + WARN_AGAIN_MS : 0
  return [...watches, watchCertificate(holder, files, { warnAtMs, nowMs })]
}

function watchSecret(holder: Holder, file: string): FileWatch {
  return new FileWatch({
    name: 'the secret',
    read: () => {
      const secrets = secretsIn(file)
      if (secrets === undefined) throw missingSecret(`${file} is gone`)
      return secrets.join('\n')
    },
    take: (text) => {
      holder.node.replaceSecret(text)
      holder.secrets = text.split('\n')
    },
    warn: (text) => holder.node.report({ kind: 'warning', text }),
  })
}

function watchCertificate(
  holder: Holder,
  files: CertificateFiles,
  { warnAtMs, nowMs }: { readonly warnAtMs: number; readonly nowMs: () => number },
): FileWatch {
  let dueMs = warnAtMs
  const warn = (text: string): void => holder.node.report({ kind: 'warning', text })
  return new FileWatch({
    name: 'the certificate',
    read: () => {
      const certificate = readCertificateFiles(files)
      const expiry = expiryWarning(files, certificate)
      if (expiry !== undefined && nowMs() >= dueMs) {
        dueMs = nowMs() + WARN_AGAIN_MS
        warn(expiry)
      }
      return [certificate.cert, certificate.key, certificate.ca].join('\0')
    },
    take: (text) => {
      const [cert = '', key = '', ca] = text.split('\0')
      const certificate = { cert, key, ...(ca && { ca }) }
      holder.node.replaceCertificate(certificate)
      holder.certificate = certificate
    },
    warn,
  })
}
