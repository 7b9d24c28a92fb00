/** How surprising a silence is, on a log scale, under two models of the gaps between heartbeats. */

import { assert } from '../assert.ts'

/**
 * phi = -log10(P(a gap longer than `silenceMs`)), gaps taken as exponential: silence / (mean · ln 10).
 *
 * @param silenceMs - time since the last heartbeat, ms, >= 0
 * @param meanGapMs - mean heartbeat gap, ms, > 0
 * @returns phi, >= 0; 1 means about 10 % of gaps are longer, 8 about one in 10^8
 * @throws {AssertionError} a negative or non-finite input: a bug in the caller, not bad input
 * @see Hayashibara et al., SRDS 2004 (exponential variant, as in Cassandra)
 */
export function exponentialPhi(silenceMs: number, meanGapMs: number): number {
  assert(silenceMs >= 0 && Number.isFinite(silenceMs), 'a silence is a finite time')
  assert(meanGapMs > 0 && Number.isFinite(meanGapMs), 'a mean gap is a finite time above 0')
  return (silenceMs / meanGapMs) * Math.LOG10E
}

/**
 * phi = -log10(1 - F(silence)), gaps taken as normal, F approximated by a logistic curve.
 *
 * @param silenceMs - time since the last heartbeat, ms, >= 0
 * @param meanMs - mean gap, ms
 * @param deviationMs - standard deviation of the gaps, ms, > 0
 * @returns phi, >= 0
 * @throws {AssertionError} a non-finite input or a deviation of 0
 * @see Hayashibara et al., SRDS 2004; the curve's constants are those of Akka's detector
 */
export function normalPhi(silenceMs: number, meanMs: number, deviationMs: number): number {
  assert(silenceMs >= 0 && Number.isFinite(silenceMs), 'a silence is a finite time')
  assert(deviationMs > 0 && Number.isFinite(deviationMs + meanMs), 'a deviation is a finite time above 0')
  const y = (silenceMs - meanMs) / deviationMs
  const exponent = -y * (1.5976 + 0.070566 * y * y)
  // Far beyond the mean e^exponent underflows to 0, whose logarithm the exponent itself is.
  if (exponent < -700) return -exponent * Math.LOG10E
  const e = Math.exp(exponent)
  return silenceMs > meanMs ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e))
}
