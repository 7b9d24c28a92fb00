/** AES-256-GCM over one packet: the header is authenticated, the body encrypted, the tag stands at the end. */

import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto'
import { COUNTER_BYTES, TAG_BYTES } from './packet.ts'

const CIPHER = 'aes-256-gcm'
const NONCE_BYTES = 12
const KEY_BYTES = 32

/** A key for one purpose. Whoever differs in any argument gets a key that has nothing to do with this one. */
export function derivedKey(secret: Buffer, salt: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, purpose, KEY_BYTES))
}

/**
 * Header, encrypted body, tag.
 *
 * @param counter - must never repeat for the key, in [0, 2^48)
 */
export function sealed(key: Buffer, counter: number, header: Buffer, body: Uint8Array): Buffer {
  const cipher = createCipheriv(CIPHER, key, nonceOf(counter))
  cipher.setAAD(header)
  return Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()])
}

/** The body of a packet; undefined where it was not sealed with this key, or is not as it was. */
export function unsealed(key: Buffer, counter: number, packet: Buffer, headerBytes: number): Buffer | undefined {
  if (packet.length < headerBytes + TAG_BYTES) return undefined
  const decipher = createDecipheriv(CIPHER, key, nonceOf(counter), { authTagLength: TAG_BYTES })
  decipher.setAAD(packet.subarray(0, headerBytes))
  decipher.setAuthTag(packet.subarray(packet.length - TAG_BYTES))
  const body = decipher.update(packet.subarray(headerBytes, packet.length - TAG_BYTES))
  try {
    decipher.final()
    return body
  } catch {
    return undefined
  }
}

function nonceOf(counter: number): Buffer {
  const nonce = Buffer.alloc(NONCE_BYTES)
  nonce.writeUIntBE(counter, NONCE_BYTES - COUNTER_BYTES, COUNTER_BYTES)
  return nonce
}
