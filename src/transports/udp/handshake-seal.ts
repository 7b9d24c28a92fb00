/**
 * Seals the packets of handshakes, before there is a connection with keys of its own. Each process seals under a salt of
 * its own and numbers its packets, so no nonce repeats for a key, whoever else has the key.
 */

import { randomBytes } from 'node:crypto'
import { derivedKey, sealed, unsealed } from './aead.ts'
import type { KeyRing, RingKey } from './key-ring.ts'
import { COUNTER_BYTES, firstByteOf, type PacketType, SALT_BYTES } from './packet.ts'

/** A packet of a handshake that was opened. */
export interface OpenedHandshake {
  readonly body: Buffer
  /** The key it was sealed with: the answer is sealed with the same. */
  readonly key: RingKey | undefined
}

/** Type, fingerprint of the key, salt of the process, number. */
const HEADER_BYTES = 1 + 4 + SALT_BYTES + COUNTER_BYTES
const PURPOSE = 'gossipmonger udp handshake'

/** Seals with a ring of keys, or leaves packets plain where there is none. */
export class HandshakeSeal {
  readonly #ring: KeyRing | undefined
  readonly #salt = randomBytes(SALT_BYTES)
  /** By fingerprint. */
  readonly #derived = new Map<number, Buffer>()
  #counter = 0

  constructor(ring: KeyRing | undefined) {
    this.#ring = ring
  }

  /** A packet. @param key - the one it answers to; else the first of the ring */
  seal(type: PacketType, body: Uint8Array, key: RingKey | undefined = this.#ring?.first): Buffer {
    const isSealed = key !== undefined
    const first = firstByteOf({ type, isSealed })
    if (!isSealed) return Buffer.concat([Buffer.of(first), body])
    const header = Buffer.alloc(HEADER_BYTES)
    header[0] = first
    header.writeUInt32BE(key.fingerprint, 1)
    this.#salt.copy(header, 5)
    header.writeUIntBE(this.#counter, HEADER_BYTES - COUNTER_BYTES, COUNTER_BYTES)
    return sealed(this.#keyFor(key), this.#counter++, header, body)
  }

  /** The inside of a packet; undefined where no key of the ring opens it. */
  open(packet: Buffer): OpenedHandshake | undefined {
    if (this.#ring === undefined) return { body: packet.subarray(1), key: undefined }
    if (packet.length < HEADER_BYTES) return undefined
    const key = this.#ring.find(packet.readUInt32BE(1))
    if (key === undefined) return undefined
    const salt = packet.subarray(5, 5 + SALT_BYTES)
    const counter = packet.readUIntBE(HEADER_BYTES - COUNTER_BYTES, COUNTER_BYTES)
    const body = unsealed(derivedKey(key.secret, salt, PURPOSE), counter, packet, HEADER_BYTES)
    return body === undefined ? undefined : { body, key }
  }

  /** Forgets what was made from keys that are gone. */
  forgetKeys(): void {
    this.#derived.clear()
  }

  #keyFor(key: RingKey): Buffer {
    let derived = this.#derived.get(key.fingerprint)
    if (derived === undefined) {
      derived = derivedKey(key.secret, this.#salt, PURPOSE)
      this.#derived.set(key.fingerprint, derived)
    }
    return derived
  }
}
