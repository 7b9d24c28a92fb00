/**
 * SHA-256 over bytes, at once and everywhere: the hash of the runtime is either a module that browsers lack or answers
 * later, and a codec can wait for neither.
 *
 * @see FIPS 180-4, sections 4 to 6
 */

const BLOCK_BYTES = 64
const ROUNDS = 64

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const ROUND_WORDS: Int32Array = fractions(ROUNDS, Math.cbrt)
/** Those of the square roots of the first eight. */
const START_WORDS: Int32Array = fractions(8, Math.sqrt)

/**
 * The digest of some bytes. O(bytes), about 100 MB a second.
 *
 * @returns 32 bytes
 */
export function sha256(bytes: Uint8Array): Uint8Array {
  const state = Int32Array.from(START_WORDS)
  const schedule = new Int32Array(ROUNDS)
  const wholeBytes = bytes.length - (bytes.length % BLOCK_BYTES)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 0; at < wholeBytes; at += BLOCK_BYTES) compress(state, schedule, view, at)
  const tail = paddedTail(bytes, wholeBytes)
  for (let at = 0; at < tail.byteLength; at += BLOCK_BYTES) compress(state, schedule, tail, at)
  const digest = new DataView(new ArrayBuffer(32))
  for (const [i, word] of state.entries()) digest.setInt32(4 * i, word)
  return new Uint8Array(digest.buffer)
}

/** What is left after the whole blocks, a one bit, zeros, and the length in bits. */
function paddedTail(bytes: Uint8Array, from: number): DataView {
  const rest = bytes.subarray(from)
  const padded = new Uint8Array(rest.length + 9 <= BLOCK_BYTES ? BLOCK_BYTES : 2 * BLOCK_BYTES)
  padded.set(rest)
  padded[rest.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 2 ** 29))
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0)
  return view
}

function compress(state: Int32Array, schedule: Int32Array, block: DataView, at: number): void {
  fillSchedule(schedule, block, at)
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number]
  for (let i = 0; i < ROUNDS; i++) {
    const sum1 = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const choice = (e & f) ^ (~e & g)
    const first = (h + sum1 + choice + (ROUND_WORDS[i] as number) + (schedule[i] as number)) | 0
    const sum0 = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const majority = (a & b) ^ (a & c) ^ (b & c)
    h = g
    g = f
    f = e
    e = (d + first) | 0
    d = c
    c = b
    b = a
    a = (first + sum0 + majority) | 0
  }
  for (const [i, word] of [a, b, c, d, e, f, g, h].entries()) state[i] = (state[i] as number) + word
}

function fillSchedule(schedule: Int32Array, block: DataView, at: number): void {
  for (let i = 0; i < 16; i++) schedule[i] = block.getInt32(at + 4 * i)
  for (let i = 16; i < ROUNDS; i++) {
    const [early, late] = [schedule[i - 15] as number, schedule[i - 2] as number]
    const sigma0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const sigma1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    schedule[i] = sigma0 + sigma1 + (schedule[i - 16] as number) + (schedule[i - 7] as number)
  }
}

function turned(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits))
}

/** Doubles have 52 bits of fraction, so 32 of them are exact for roots of such small primes. */
function fractions(count: number, root: (prime: number) => number): Int32Array {
  const words: number[] = []
  for (let candidate = 2; words.length < count; candidate++) {
    if (isPrime(candidate)) words.push(Math.floor((root(candidate) % 1) * 2 ** 32))
  }
  return Int32Array.from(words, (word) => word | 0)
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor++) if (candidate % divisor === 0) return false
  return true
}
