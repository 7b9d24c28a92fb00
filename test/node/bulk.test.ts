/**
 * Real processes that join over TCP what no message carries, in bounded memory. The full sizes are an experiment:
 * `npm run experiments -- bulk`.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { joinOfTwo } from '../harness/join-of-two.ts'
import type { JoinReport } from '../harness/joining-process.ts'

const bulk = suite('bulk: real processes')

const MiB = 2 ** 20
const VALUE_BYTES = 32 * MiB
/** About twice what is measured, and far less than the text and the bytes of the value together. */
const BEYOND_MAX = 48 * MiB

function assertModest(who: string, { beyond, errors, bulks }: JoinReport): void {
  assert.is(errors, 0, `${who}: errors`)
  assert.is(bulks, 1, `${who}: transfers`)
  assert.ok(beyond < BEYOND_MAX, `${who} took ${Math.round(beyond / MiB)} MiB beyond what it came to hold`)
}

bulk('one long string crosses without ever being held twice', async () => {
  const { owner, joiner } = await joinOfTwo('string', VALUE_BYTES)
  assert.ok(joiner.data > VALUE_BYTES * 0.9, 'it is there')
  assertModest('the owner', owner)
  assertModest('the joiner', joiner)
})

bulk('a hundred thousand keys are joined by one transfer, and told of', async () => {
  const { owner, joiner } = await joinOfTwo('keys', 100_000)
  assert.is(joiner.updates, 100_000)
  assertModest('the owner', owner)
  assertModest('the joiner', joiner)
})

bulk.run()
