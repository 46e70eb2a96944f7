/** A secret as the key of proofs, and the keys of a node. */

import { createHmac, hkdfSync, scryptSync, timingSafeEqual } from 'node:crypto'

const KEY_BYTES = 32

/** In every derivation: the same secret makes other keys in other programs. */
const SALT = 'fullmesh 1'

/** What the command `secret` draws: 256 random bits, which need no slow derivation. */
const DRAWN = /^fm1_[\w-]{43}$/

/**
 * The work of scrypt, some 50 ms once for each secret that a person made up: whoever a node dials
 * can try guesses on the proof. Larger: a start takes longer. Smaller: guesses are cheaper.
 */
const SCRYPT = { N: 2 ** 14, r: 8, p: 1 } as const

export class Key {
  /** 8 hex digits by which people tell keys apart. Not on links; logs and the status have it. */
  readonly fingerprint: string
  readonly #bytes: Buffer

  constructor(secret: string) {
    this.#bytes = DRAWN.test(secret)
      ? Buffer.from(hkdfSync('sha256', secret, SALT, 'auth', KEY_BYTES))
      : scryptSync(secret, SALT, KEY_BYTES, SCRYPT)
    this.fingerprint = this.#hmac('id').toString('hex').slice(0, 8)
  }

  /** HMAC-SHA-256 of a text, in base64url. */
  mac(text: string): string {
    return this.#hmac(text).toString('base64url')
  }

  /**
   * Whether this is the MAC of a text. Takes as long for every MAC. The texts are compared, since
   * four of them decode to the same bytes (RFC 4648, section 3.5).
   */
  verifies(text: string, mac: string): boolean {
    const given = Buffer.from(mac)
    const right = Buffer.from(this.mac(text))
    return given.length === right.length && timingSafeEqual(given, right)
  }

  #hmac(text: string): Buffer {
    return createHmac('sha256', this.#bytes).update(text).digest()
  }
}

/** What a bearer token is the MAC of: no transcript begins like this. */
const TOKEN_TEXT = 'fullmesh-token-1'

/** The keys of a node, by their secrets. */
export class Keyring {
  #keys: ReadonlyMap<string, Key> = new Map()

  /** @param secrets at least one; the first proves, any of them verifies */
  constructor(secrets: readonly string[]) {
    this.replace(secrets)
  }

  /** @throws {Error} when there is no secret */
  replace(secrets: readonly string[]): void {
    if (secrets.length === 0) throw new Error('a keyring has at least one secret')
    const before = this.#keys
    this.#keys = new Map(secrets.map((secret) => [secret, before.get(secret) ?? new Key(secret)]))
  }

  get keys(): readonly Key[] {
    return [...this.#keys.values()]
  }

  /** Whether a key is that of one of the secrets, also when that was put back since. */
  has({ fingerprint }: Key): boolean {
    return this.keys.some((key) => key.fingerprint === fingerprint)
  }

  /** The key that proves. */
  get first(): Key {
    const [first] = this.#keys.values()
    if (first === undefined) throw new Error('a keyring has at least one secret')
    return first
  }

  /** What HTTP clients of other machines send. The secret cannot be found from it. */
  get token(): string {
    return this.first.mac(TOKEN_TEXT)
  }

  /** Whether this is the token of any of the keys. */
  isToken(text: string): boolean {
    return this.find(TOKEN_TEXT, text) !== undefined
  }

  /** The key of a MAC. All keys are tried, also after one fits. */
  find(text: string, mac: string): Key | undefined {
    const found = this.keys.filter((key) => key.verifies(text, mac))
    return found[0]
  }
}
