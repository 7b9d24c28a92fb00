/** Bytes without a platform's own ideas about them: `slice` of Node's `Buffer` shares what it should copy. */

/** The same bytes, in the same memory, as a plain `Uint8Array`. */
export function plainBytes(bytes: Uint8Array): Uint8Array {
  if (Object.getPrototypeOf(bytes) === Uint8Array.prototype) return bytes
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)
}
