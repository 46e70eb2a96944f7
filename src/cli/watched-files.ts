/** The files that a running node reads again and again: those of its secret and its certificate. */

import { type CertificateFiles, readCertificateFiles } from '../config/certificates.ts'
import type { Config } from '../config/config.ts'
import { missingSecret, secretsIn } from '../config/secrets.ts'
import type { MeshNode } from '../node/mesh-node.ts'
import { FileWatch } from './file-watch.ts'

/** The node that runs, and the secrets that the file had last. */
export interface Holder {
  readonly node: Pick<MeshNode, 'replaceCertificate' | 'replaceSecret' | 'report'>
  secrets: readonly string[]
}

export function watchFiles(holder: Holder, config: Config): readonly FileWatch[] {
  const { secretFile, certificateFiles } = config
  return [
    ...(secretFile === undefined ? [] : [watchSecret(holder, secretFile)]),
    ...(certificateFiles === undefined ? [] : [watchCertificate(holder, certificateFiles)]),
  ]
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

function watchCertificate(holder: Holder, files: CertificateFiles): FileWatch {
  return new FileWatch({
    name: 'the certificate',
    read: () => {
      const { cert, key } = readCertificateFiles(files)
      return `${cert}\0${key}`
    },
    take: (text) => {
      const [cert = '', key = ''] = text.split('\0')
      holder.node.replaceCertificate({ cert, key })
    },
    warn: (text) => holder.node.report({ kind: 'warning', text }),
  })
}
