/** Files that are reread while a node runs, and what happens to one that is wrong. */

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'ava'
import { FileWatch } from '../../src/cli/file-watch.ts'
import { type Holder, watchFiles } from '../../src/cli/watched-files.ts'
import { readConfig } from '../../src/config/config.ts'
import { NodeError } from '../../src/errors/node-error.ts'
import type { NodeEvent } from '../../src/log/events.ts'
import type { CertificateText } from '../../src/tls/certificate.ts'
import { makeSelfSigned, VALID_MS } from '../../src/tls/self-signed.ts'
import { AUTHORITY, FIRST } from '../helpers/authority.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

test('file watch - takes each other text once, and warns of a problem once', (t) => {
  let text = 'one'
  const taken: string[] = []
  const warnings: string[] = []
  const watch = new FileWatch({
    name: 'the text',
    read: () => {
      if (text === 'bad') throw new NodeError('CONFIG_TLS_INVALID', 'it is bad')
      return text
    },
    take: (other) => taken.push(other),
    warn: (warning) => warnings.push(warning),
  })
  for (const next of ['one', 'two', 'two', 'bad', 'bad', 'two', 'bad', 'three']) {
    text = next
    watch.reread()
  }
  t.deepEqual(taken, ['two', 'three'])
  t.deepEqual(warnings, Array(2).fill('the text stays as it was: it is bad'))
})

test('file watch - authorities are reread, and a bad file keeps the old ones', (t) => {
  const lines = ['TLS_CERT=cert.pem', 'TLS_KEY=key.pem', 'TLS_CA=ca.pem']
  const dir = temporaryFolder(t, {
    '.env': `PORT=4001\nADDRESS=wss://localhost\n${lines.join('\n')}\n`,
    'cert.pem': FIRST.cert,
    'key.pem': FIRST.key,
    'ca.pem': AUTHORITY,
  })
  const replaced: CertificateText[] = []
  const events: NodeEvent[] = []
  const node = {
    replaceCertificate: (text: CertificateText) => replaced.push(text),
    replaceSecret: () => t.fail(),
    report: (event: NodeEvent) => events.push(event),
  }
  const holder: Holder = { node, secrets: [], certificate: undefined }
  const [watch] = watchFiles(holder, readConfig({ dir, env: {} }))
  writeFileSync(join(dir, 'ca.pem'), 'half a file')
  watch?.reread()
  t.deepEqual(replaced, [])
  t.regex(JSON.stringify(events), /the certificate stays as it was: .*ca\.pem has no certificate/)
  const ca = `${AUTHORITY}${makeSelfSigned(Date.now()).cert}`
  writeFileSync(join(dir, 'ca.pem'), ca)
  watch?.reread()
  t.deepEqual(replaced, [{ ...FIRST, ca }])
  // A node on another address begins with it.
  t.deepEqual(holder.certificate, { ...FIRST, ca })
})

test('file watch - a certificate that expires is warned about once a day', (t) => {
  const dayMs = 24 * 60 * 60 * 1000
  const leaving = (days: number) => makeSelfSigned(Date.now() - VALID_MS + days * dayMs)
  const fresh = leaving(8)
  const dir = temporaryFolder(t, {
    '.env': 'PORT=4001\nADDRESS=wss://localhost\nTLS_CERT=cert.pem\nTLS_KEY=key.pem\n',
    'cert.pem': fresh.cert,
    'key.pem': fresh.key,
  })
  const warnings: NodeEvent[] = []
  const node = {
    replaceCertificate: () => {},
    replaceSecret: () => t.fail(),
    report: (event: NodeEvent) => warnings.push(event),
  }
  let nowMs = 0
  const watch = () =>
    watchFiles(
      { node, secrets: [], certificate: undefined },
      readConfig({ dir, env: {} }),
      () => nowMs,
    )[0]
  const before = watch()
  before?.reread()
  t.deepEqual(warnings, [])
  const soon = leaving(6)
  writeFileSync(join(dir, 'cert.pem'), soon.cert)
  writeFileSync(join(dir, 'key.pem'), soon.key)
  for (const [atMs, count] of [
    [1, 1],
    [dayMs, 1],
    [dayMs + 1, 2],
  ] as const) {
    nowMs = atMs
    before?.reread()
    t.is(warnings.length, count, `at ${atMs} ms`)
  }
  t.regex(JSON.stringify(warnings[0]), /"warning".*cert\.pem expires at 20.*; renew it/)
  // The configuration warns at the start.
  const after = watch()
  nowMs += dayMs - 1
  after?.reread()
  t.is(warnings.length, 2)
  nowMs += 1
  after?.reread()
  t.is(warnings.length, 3)
})

test('file watch - a bad pair of certificate and key keeps the old one', (t) => {
  const first = makeSelfSigned(Date.now())
  const dir = temporaryFolder(t, {
    '.env': 'PORT=4001\nADDRESS=wss://localhost\nTLS_CERT=cert.pem\nTLS_KEY=key.pem\n',
    'cert.pem': first.cert,
    'key.pem': first.key,
  })
  const replaced: string[] = []
  const events: NodeEvent[] = []
  const node = {
    replaceCertificate: ({ cert }: { readonly cert: string }) => replaced.push(cert),
    replaceSecret: () => t.fail(),
    report: (event: NodeEvent) => events.push(event),
  }
  const [watch] = watchFiles(
    { node, secrets: [], certificate: undefined },
    readConfig({ dir, env: {} }),
  )
  const second = makeSelfSigned(Date.now())
  writeFileSync(join(dir, 'cert.pem'), second.cert)
  watch?.reread()
  t.deepEqual(replaced, [])
  t.regex(JSON.stringify(events), /the certificate stays as it was: .* do not fit/)
  writeFileSync(join(dir, 'key.pem'), second.key)
  watch?.reread()
  t.deepEqual(replaced, [second.cert])
  rmSync(join(dir, 'key.pem'))
  watch?.reread()
  t.is(replaced.length, 1)
  t.is(events.length, 2)
})
