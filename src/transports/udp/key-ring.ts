/**
 * The keys that a cluster shares. The first seals what is sent, all of them open what comes; so keys are exchanged
 * without a gap: give the new one to everybody, then put it first everywhere, then take the old one away.
 */

import { hkdfSync } from 'node:crypto'
import { InvalidOptionError, isPlainObject, looseOptions } from '../../core/index.ts'

/** A key as it is given. */
export interface UdpKey {
  /** What people call it; `useKey` takes it. @defaultValue eight hex digits made from the key */
  id?: string | undefined
  /** 32 bytes, or their 64 hex digits, or their base64. */
  key: Uint8Array | string
}

/** A key of the ring. */
export interface RingKey {
  readonly id: string
  readonly secret: Buffer
  /** Made from the key, and stands in packets, so that nobody tries keys that cannot fit. */
  readonly fingerprint: number
}

const KEYS_MAX = 16
const KEY_BYTES = 32
const ID_UNITS_MAX = 64

/** Keys by fingerprint, the first before all others. */
export class KeyRing {
  #keys: readonly RingKey[]

  /** @throws {InvalidOptionError} no key, over 16, one twice, or something else than a key */
  constructor(keys: unknown) {
    this.#keys = resolveKeys(keys)
  }

  /** The key that seals. */
  get first(): RingKey {
    return this.#keys[0] as RingKey
  }

  /** The key with a fingerprint. */
  find(fingerprint: number): RingKey | undefined {
    return this.#keys.find((key) => key.fingerprint === fingerprint)
  }

  /** Takes other keys in place of these; throws as the constructor, and then changes nothing. */
  set(keys: unknown): void {
    this.#keys = resolveKeys(keys)
  }

  /**
   * Puts a key of the ring first.
   *
   * @throws {InvalidOptionError} there is none with this id
   */
  use(id: string): void {
    const first = this.#keys.find((key) => key.id === id)
    if (first === undefined)
      throw new InvalidOptionError('id', `one of ${this.#keys.map((key) => key.id).join(', ')}`, id)
    this.#keys = [first, ...this.#keys.filter((key) => key !== first)]
  }
}

function resolveKeys(value: unknown): readonly RingKey[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > KEYS_MAX) {
    throw new InvalidOptionError(
      'keys',
      `an array of 1 to ${KEYS_MAX} keys`,
      Array.isArray(value) ? value.length : value,
    )
  }
  const keys = value.map((key: unknown, i) => resolveKey(key, `keys[${i}]`))
  for (const field of ['id', 'fingerprint'] as const) {
    if (new Set(keys.map((key) => key[field])).size === keys.length) continue
    throw new InvalidOptionError('keys', 'different from each other', keys.map((key) => key.id).join(', '))
  }
  return keys
}

function resolveKey(value: unknown, name: string): RingKey {
  if (!isPlainObject(value)) throw new InvalidOptionError(name, 'an object with a key', typeof value)
  const { id, key } = looseOptions(value, name, ['id', 'key'])
  const secret = secretOf(key, `${name}.key`)
  const fingerprint = Buffer.from(hkdfSync('sha256', secret, '', 'gossipmonger udp fingerprint', 4)).readUInt32BE()
  if (id === undefined) return { id: fingerprint.toString(16).padStart(8, '0'), secret, fingerprint }
  if (typeof id === 'string' && id !== '' && id.length <= ID_UNITS_MAX) return { id, secret, fingerprint }
  throw new InvalidOptionError(`${name}.id`, `a text of 1 to ${ID_UNITS_MAX} characters`, id)
}

/** The value stands in no error: it may be a key but for one character. */
function secretOf(value: unknown, name: string): Buffer {
  const secret =
    value instanceof Uint8Array ? Buffer.from(value) : typeof value === 'string' ? decoded(value) : undefined
  if (secret?.length === KEY_BYTES) return secret
  const shown = secret === undefined ? typeof value : `${secret.length} bytes`
  throw new InvalidOptionError(name, `${KEY_BYTES} bytes, their hex digits or their base64`, shown)
}

function decoded(text: string): Buffer {
  if (/^[\da-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : Buffer.alloc(0)
}
