/**
 * The proof with one field left out, or one check: what that lets through. Each mutant of the text
 * of `src/auth` must pass the attack that its field is there for, and the code itself passes none.
 */

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import test, { type ExecutionContext } from 'ava'
// Mutants are TypeScript.
import '../../build/typescript.js'
import type * as Proofs from '../../src/auth/proof.ts'
import { type Identity, parseMeshId } from '../../src/wire/headers.ts'
import { blocksIn, section } from '../docs/markdown.ts'
import { temporaryFolder } from '../helpers/temporary-folder.ts'

const SECRET = `fm1_${'m'.repeat(43)}`
const DIALED = 'ws://localhost:4002'

interface Auth {
  readonly proof: typeof Proofs
  readonly key: typeof import('../../src/auth/key.ts')
  readonly transcript: typeof import('../../src/auth/transcript.ts')
}

function identityOf(digit: string): Identity {
  const id = parseMeshId(digit.repeat(32))
  if (id === undefined) throw new Error('32 hex digits are an id')
  const address = `ws://localhost:400${digit}`
  return { version: '1', mesh: 'default', id, address, code: 'c'.repeat(64), messages: true }
}

/** Both ends until the dialer has sent AUTH. A nonce is given where an attacker has it twice. */
function linkOf(
  auth: Auth,
  nonces: { dialer?: string; acceptor?: string } = {},
  atDialer = 'plain',
) {
  const keyring = new auth.key.Keyring([SECRET])
  const { dialer, acceptor } = nonces
  const ofDialer = { keyring, identity: identityOf('1') }
  const dialing = new auth.proof.DialerProof(
    dialer === undefined ? ofDialer : { ...ofDialer, drawNonce: () => dialer },
    DIALED,
  )
  const ofAcceptor = { keyring, identity: identityOf('2') }
  const accepting = auth.proof.AcceptorProof.begin(
    acceptor === undefined ? ofAcceptor : { ...ofAcceptor, drawNonce: () => acceptor },
    dialing.offer,
  )
  if (accepting === undefined) throw new Error('an offer of ours is understood')
  const sent = dialing.answered(accepting.offer, atDialer) ?? ''
  return { dialing, accepting, sent }
}

type Data = Record<string, unknown> & { readonly identity: Record<string, string> }

function changed(text: string, change: (data: Data) => object): string {
  const { type, data } = JSON.parse(text)
  return JSON.stringify({ type, data: { ...data, ...change(data) } })
}

const otherId = ({ identity }: Data) => ({ identity: { ...identity, 'Mesh-Id': '9'.repeat(32) } })

/** One value has the line of another one, which is left out: the same text of other claims. */
const joinedLines = ({ identity }: Data) => {
  const { 'Mesh-Code': code, ...rest } = identity
  return {
    identity: { ...rest, 'Mesh-Address': `${rest['Mesh-Address']}\ndialer Mesh-Code: ${code}` },
  }
}

const ATTACKS = {
  'a wrong MAC to the acceptor': (auth: Auth) => {
    const { accepting, sent } = linkOf(auth)
    return accepting.verify(changed(sent, () => ({ mac: 'A'.repeat(43) })))
  },
  'a wrong MAC to the dialer': (auth: Auth) => {
    const { accepting, dialing, sent } = linkOf(auth)
    const answer = accepting.verify(sent)?.answer ?? ''
    return dialing.verify(changed(answer, () => ({ mac: 'A'.repeat(43) })))
  },
  'a replay to an acceptor': (auth: Auth) => {
    const nonce = 'd'.repeat(43)
    const { sent } = linkOf(auth, { dialer: nonce })
    return linkOf(auth, { dialer: nonce }).accepting.verify(sent)
  },
  'a replay to a dialer': (auth: Auth) => {
    const nonce = 'a'.repeat(43)
    const { accepting, sent } = linkOf(auth, { acceptor: nonce })
    const answer = accepting.verify(sent)?.answer ?? ''
    return linkOf(auth, { acceptor: nonce }).dialing.verify(answer)
  },
  'a node in between with another certificate': (auth: Auth) => {
    const { accepting, sent } = linkOf(auth, {}, 'of the node in between')
    return accepting.verify(sent)
  },
  'another dialed address': (auth: Auth) => {
    const { accepting, sent } = linkOf(auth)
    return accepting.verify(changed(sent, () => ({ dialed: 'ws://localhost:9' })))
  },
  'another id of the dialer': (auth: Auth) => {
    const { accepting, sent } = linkOf(auth)
    return accepting.verify(changed(sent, otherId))
  },
  'another id of the acceptor': (auth: Auth) => {
    const { accepting, dialing, sent } = linkOf(auth)
    return dialing.verify(changed(accepting.verify(sent)?.answer ?? '', otherId))
  },
  'lines that are joined': (auth: Auth) => {
    const { accepting, sent } = linkOf(auth)
    return accepting.verify(changed(sent, joinedLines))
  },
  /** Of fields that make no attack possible alone, which another language must have as well. */
  'another text than that of the page': ({ transcript }: Auth) => {
    const [page = ''] = blocksIn(section('docs/PROTOCOL.md', '10. A secret'), 'text')
    const fieldOf = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(page)?.[1] ?? ''
    const claimsOf = (side: string) =>
      Object.fromEntries(
        [...page.matchAll(new RegExp(`^${side} (.*?): (.*)$`, 'gm'))].map(([, name, value]) => [
          name,
          value,
        ]),
      )
    const session = {
      dialerNonce: fieldOf('dialer-nonce'),
      acceptorNonce: fieldOf('acceptor-nonce'),
      certificate: fieldOf('certificate'),
    }
    const dialer = {
      dialed: fieldOf('dialed'),
      claims: claimsOf('dialer'),
      mac: fieldOf('dialer-mac'),
    }
    const text = transcript.acceptorTranscript(session, dialer, claimsOf('acceptor'))
    return text === page.trim() ? undefined : text
  },
} as const

type Attack = keyof typeof ATTACKS

interface Mutant {
  readonly file: 'transcript.ts' | 'proof.ts' | 'auth-frame.ts'
  readonly search: string
  readonly replace?: string
  readonly attack: Attack
}

const MUTANTS: Readonly<Record<string, Mutant>> = {
  'the nonce of the dialer': {
    file: 'transcript.ts',
    search: `\`dialer-nonce \${dialerNonce}\`,`,
    attack: 'a replay to a dialer',
  },
  'the nonce of the acceptor': {
    file: 'transcript.ts',
    search: `\`acceptor-nonce \${acceptorNonce}\`,`,
    attack: 'a replay to an acceptor',
  },
  'the certificate': {
    file: 'transcript.ts',
    search: `\`certificate \${certificate}\`,`,
    attack: 'a node in between with another certificate',
  },
  'the dialed address': {
    file: 'transcript.ts',
    search: `\`dialed \${dialed}\`,`,
    attack: 'another dialed address',
  },
  'the claims of the dialer': {
    file: 'transcript.ts',
    search: "...claimLines('dialer', claims),",
    attack: 'another id of the dialer',
  },
  'the claims of the acceptor': {
    file: 'transcript.ts',
    search: ", ...claimLines('acceptor', claims)]",
    replace: ']',
    attack: 'another id of the acceptor',
  },
  'the role': {
    file: 'transcript.ts',
    search: `\`role \${role}\`,`,
    attack: 'another text than that of the page',
  },
  'the version': {
    file: 'transcript.ts',
    search: "'fullmesh-auth-1',",
    attack: 'another text than that of the page',
  },
  'the MAC of the dialer': {
    file: 'transcript.ts',
    search: `\`dialer-mac \${dialer.mac}\`, `,
    attack: 'another text than that of the page',
  },
  'the end of a line': {
    file: 'auth-frame.ts',
    search: '/^[\\x20-\\x7e]*$/',
    replace: '/^[^]*$/',
    attack: 'lines that are joined',
  },
  'the check of the acceptor': {
    file: 'proof.ts',
    search: 'const key = this.#keyring.find(dialerTranscript(this.#session, dialer), dialer.mac)',
    replace: 'const key: Key | undefined = this.#keyring.first',
    attack: 'a wrong MAC to the acceptor',
  },
  'the check of the dialer': {
    file: 'proof.ts',
    search:
      'if (!sent.key.verifies(acceptorTranscript(sent.session, dialer, claims), mac)) return undefined',
    attack: 'a wrong MAC to the dialer',
  },
}

/** The modules of `src/auth`, with a change. */
async function load(t: ExecutionContext, mutant?: Mutant): Promise<Auth> {
  const folder = temporaryFolder(t)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  for (const name of ['auth', 'wire']) {
    cpSync(join('src', name), join(folder, name), { recursive: true })
  }
  if (mutant !== undefined) {
    const path = join(folder, 'auth', mutant.file)
    const text = readFileSync(path, 'utf8')
    t.is(text.split(mutant.search).length, 2, `one ${mutant.search} in ${mutant.file}`)
    writeFileSync(
      path,
      text.replace(mutant.search, () => mutant.replace ?? ''),
    )
  }
  const load = (name: string) => import(pathToFileURL(join(folder, 'auth', name)).href)
  return {
    proof: await load('proof.ts'),
    key: await load('key.ts'),
    transcript: await load('transcript.ts'),
  }
}

test('auth mutants - the code passes no attack', async (t) => {
  const auth = await load(t)
  for (const [name, attack] of Object.entries(ATTACKS)) t.is(attack(auth), undefined, name)
})

for (const [what, mutant] of Object.entries(MUTANTS)) {
  test(`auth mutants - without ${what}, there is ${mutant.attack}`, async (t) => {
    t.truthy(ATTACKS[mutant.attack](await load(t, mutant)))
  })
}
