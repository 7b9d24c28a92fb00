/**
 * The one assertion of the project. It stays on in production: a broken invariant stops the operation
 * that broke it, before it can be replicated to every peer.
 */

/** Thrown when this library itself is wrong. Never thrown for bad input from users, peers or disks. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError'
  readonly code = 'GOSSIP_ASSERTION'
}

/**
 * States what must be true here.
 *
 * @param claim - the invariant
 * @param message - what was expected, for the person who reads the stack trace
 * @throws {AssertionError} when the claim is false
 */
export function assert(claim: boolean, message: string = 'an invariant does not hold'): asserts claim {
  if (!claim) throw new AssertionError(message)
}
