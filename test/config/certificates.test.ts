/** TLS_CERT and TLS_KEY: which files fit, and when a node needs them. */

import { join } from 'node:path'
import test from 'ava'
import { readConfig } from '../../src/config/config.ts'
import { makeSelfSigned } from '../../src/tls/self-signed.ts'
import { AUTHORITY, FIRST } from '../helpers/authority.ts'
import { throwsNodeError } from '../helpers/node-errors.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const PAIR = makeSelfSigned(Date.now())
const BOTH = 'TLS_CERT=cert.pem\nTLS_KEY=key.pem\n'

function folderWith(lines: string, { cert, key } = PAIR) {
  return {
    '.env': `PORT=4001\nADDRESS=wss://localhost\n${lines}`,
    'cert.pem': cert,
    'key.pem': key,
  }
}

test('certificates - TLS_CA names authorities, in the folder of the node', (t) => {
  const files = { ...folderWith(`${BOTH}TLS_CA=ca.pem\n`, FIRST), 'ca.pem': AUTHORITY }
  const dir = temporaryFolder(t, files)
  const { certificate, certificateFiles, warnings } = readConfig({ dir, env: {} })
  t.like(certificate, { ...FIRST, ca: AUTHORITY })
  t.is(certificateFiles?.ca, join(dir, 'ca.pem'))
  t.deepEqual(warnings, [])
})

test('certificates - files in the folder of the node need no secret', (t) => {
  const dir = temporaryFolder(t, folderWith(BOTH))
  const { certificate, certificateFiles, warnings, isSecure } = readConfig({ dir, env: {} })
  t.is(certificate?.cert, PAIR.cert)
  const [cert, key] = [join(dir, 'cert.pem'), join(dir, 'key.pem')]
  t.deepEqual(certificateFiles, { cert, key, ca: undefined })
  t.deepEqual([warnings, isSecure], [[], true])
})

for (const [title, files, problem] of [
  [
    'a key of another certificate',
    folderWith(BOTH, { ...PAIR, key: makeSelfSigned(0).key }),
    'key.pem do not fit: the key is that of another certificate; take the two files',
  ],
  ['no certificate', folderWith(BOTH, { ...PAIR, cert: 'none' }), 'have no certificate as PEM'],
  [
    'a file that is missing',
    folderWith('TLS_CERT=cert.pem\nTLS_KEY=other.pem\n'),
    'other.pem does not exist; correct TLS_KEY',
  ],
  [
    'a certificate alone',
    folderWith('TLS_CERT=cert.pem\n'),
    'needs TLS_KEY, too; set TLS_KEY=/etc/tls/key.pem',
  ],
  [
    'a key alone',
    folderWith('TLS_KEY=key.pem\n'),
    'needs TLS_CERT, too; set TLS_CERT=/etc/tls/cert.pem',
  ],
  [
    'an authority alone',
    folderWith('TLS_CA=cert.pem\n'),
    'needs a certificate that it has signed; set TLS_CERT=/etc/tls/cert.pem and TLS_KEY=',
  ],
  [
    'an authority that is missing',
    folderWith(`${BOTH}TLS_CA=ca.pem\n`),
    'ca.pem does not exist; correct TLS_CA',
  ],
  [
    'an authority that is none',
    folderWith(`${BOTH}TLS_CA=key.pem\n`),
    'key.pem has no certificate as PEM (-----BEGIN CERTIFICATE-----); correct it',
  ],
  [
    'a proxy that encrypts',
    folderWith(`${BOTH}TLS=off\n`),
    'is for a node that encrypts; set ADDRESS to wss://… without TLS=off',
  ],
  [
    'an address that does not encrypt',
    folderWith(`${BOTH}ADDRESS=ws://localhost\n`),
    'is for a node that encrypts',
  ],
] as const) {
  test(`certificates - ${title} is refused`, (t) => {
    const dir = temporaryFolder(t, files)
    throwsNodeError(t, () => readConfig({ dir, env: {} }), 'CONFIG_TLS_INVALID', problem)
  })
}

for (const [title, sinceMs, expected] of [
  ['that ended', -31 * DAY_MS, /cert\.pem has expired at 20.*Z; renew it/],
  ['that ends in a week', -23 * DAY_MS - 1_000, /cert\.pem expires at 20/],
  ['that ends in eight days', -22 * DAY_MS, undefined],
] as const) {
  const outcome = expected === undefined ? 'not warned about' : 'warned about'
  test(`certificates - one ${title} is ${outcome}`, (t) => {
    const dir = temporaryFolder(t, folderWith(BOTH, makeSelfSigned(Date.now() + sinceMs)))
    const [warning] = readConfig({ dir, env: {} }).warnings
    if (expected === undefined) t.is(warning, undefined)
    else t.regex(warning ?? '', expected)
  })
}
