/**
 * Seals the packets of one connection: first byte, the receiver's token, a number, the body. Each direction of each
 * connection has a key of its own, and numbers rise, so no nonce ever comes again. Without keys the packets are plain,
 * and still pass only once.
 */

import { assert } from '../../core/index.ts'
import { derivedKey, sealed, unsealed } from './aead.ts'
import type { RingKey } from './key-ring.ts'
import { COUNTER_BYTES, DATA_HEADER_BYTES, firstByteOf, TOKEN_BYTES } from './packet.ts'
import { ReplayWindow } from './replay-window.ts'

/** What both ends know of a connection. */
export interface DataSealFacts {
  readonly ourToken: Buffer
  readonly theirToken: Buffer
  /** What the dialling side and then the other one added by chance. */
  readonly salt: Buffer
  readonly isDialler: boolean
  readonly key: RingKey | undefined
}

/** Packets of a number over this are better sent on a new connection. */
export const COUNTER_SOFT_MAX: number = 2 ** 32

/** Both directions of a connection. */
export class DataSeal {
  readonly #header: Buffer
  readonly #sendKey: Buffer | undefined
  readonly #receiveKey: Buffer | undefined
  readonly #window = new ReplayWindow()
  #counter = 0

  constructor({ ourToken, theirToken, salt, isDialler, key }: DataSealFacts) {
    this.#header = Buffer.alloc(DATA_HEADER_BYTES)
    this.#header[0] = firstByteOf({ type: 'data', isSealed: key !== undefined })
    theirToken.copy(this.#header, 1)
    if (key === undefined) return
    const tokens = isDialler ? [ourToken, theirToken] : [theirToken, ourToken]
    const purpose = `gossipmonger udp data ${Buffer.concat(tokens).toString('hex')}`
    const [first, second] = ['dialler', 'dialled'].map((by) => derivedKey(key.secret, salt, `${purpose} ${by}`))
    this.#sendKey = isDialler ? first : second
    this.#receiveKey = isDialler ? second : first
  }

  /** Packets sealed so far. */
  get count(): number {
    return this.#counter
  }

  /** A packet. */
  seal(body: Uint8Array): Buffer {
    const counter = this.#counter++
    assert(counter < 2 ** 48, 'a connection is given up long before its numbers end')
    const header = Buffer.from(this.#header)
    header.writeUIntBE(counter, 1 + TOKEN_BYTES, COUNTER_BYTES)
    return this.#sendKey === undefined ? Buffer.concat([header, body]) : sealed(this.#sendKey, counter, header, body)
  }

  /** The body of a packet, or why it is refused. */
  open(packet: Buffer): Buffer | 'forged' | 'replayed' {
    if (packet.length < DATA_HEADER_BYTES) return 'forged'
    const counter = packet.readUIntBE(1 + TOKEN_BYTES, COUNTER_BYTES)
    const body =
      this.#receiveKey === undefined
        ? packet.subarray(DATA_HEADER_BYTES)
        : unsealed(this.#receiveKey, counter, packet, DATA_HEADER_BYTES)
    if (body === undefined) return 'forged'
    return this.#window.accept(counter) ? body : 'replayed'
  }
}
