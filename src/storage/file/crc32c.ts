/** CRC-32C, the checksum of records: any run of damaged bits up to 32 is found, and all but one in 2^32 of longer ones. */

/** The Castagnoli polynomial, reversed. */
const POLYNOMIAL = 0x82f63b78

const TABLE = new Uint32Array(256).map((_, byte) => {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? (remainder >>> 1) ^ POLYNOMIAL : remainder >>> 1
  return remainder
})

/**
 * The checksum of some bytes. O(length).
 *
 * @param seed - the checksum of what goes before them
 * @returns an integer in [0, 2^32)
 * @see Castagnoli et al., IEEE Transactions on Communications 41 (1993); RFC 3720, appendix B.4
 */
export function crc32c(bytes: Uint8Array, seed = 0): number {
  let remainder = ~seed
  for (let i = 0; i < bytes.length; i++) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ (bytes[i] as number)) & 0xff] as number)
  }
  return ~remainder >>> 0
}
