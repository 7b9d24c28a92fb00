/** A small seeded generator, so that a simulated run can be repeated. */

/**
 * Uniform numbers in [0, 1), the same for the same seed.
 *
 * @param seed - any integer; 32 bits of it count
 * @see sfc32 of PractRand, by Chris Doty-Humphrey
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
