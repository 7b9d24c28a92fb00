/** A small seeded generator, so that what chance decided can be repeated: sfc32. */

/**
 * Uniform numbers in [0, 1), the same for the same seed. Not for secrets.
 *
 * @param seed - any integer; its low 32 bits count
 * @see Doty-Humphrey, PractRand (sfc32)
 */
export function seededRandom(seed: number): () => number {
  let a = seed | 0
  let b = 0x9e3779b9 ^ seed
  let c = Math.imul(seed, 0x85ebca6b)
  let counter = 1
  const next = (): number => {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 4_294_967_296
  }
  for (let i = 0; i < 12; i++) next()
  return next
}
