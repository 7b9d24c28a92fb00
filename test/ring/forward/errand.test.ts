/** One errand with scripted owners: how long it pauses, and what comes late. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Reply } from '../../../src/ring/forward/envelope.ts'
import { Errand } from '../../../src/ring/forward/errand.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { deferred } from '../../messaging/cluster.ts'

const errands = suite('ring: errand')

const OPTIONS = {
  timeoutMs: 100_000,
  signal: undefined,
  attemptsMax: 6,
  mayRepeat: true,
  isForAny: false,
  stallAfterMs: undefined,
}

/** An errand whose owners are what `owners` says at the time, and who reply when told to, wanted or not. */
function scripted(owners: string[]): {
  readonly system: VirtualSystem
  readonly errand: Errand
  readonly asked: { readonly peer: string; readonly atMs: number; reply(reply: Reply): void }[]
} {
  const system = new VirtualSystem()
  const asked: { peer: string; atMs: number; reply(reply: Reply): void }[] = []
  const errand = new Errand(OPTIONS, {
    system: { startTimer: (callback, delayMs) => system.startTimer(callback, delayMs), random: () => 0.5 },
    retryAfterMs: 100,
    retryAfterMsMax: 300,
    owners: () => owners,
    reach: async () => {},
    ask: (peer) => {
      const { promise, resolve } = deferred<Reply>()
      asked.push({ peer, atMs: system.now(), reply: resolve })
      return promise
    },
    onOver: () => {},
  })
  return { system, errand, asked }
}

const done = (byte: number): Reply => ({ kind: 'done', body: Uint8Array.of(byte) })
const refused = (owner?: string): Reply => ({ kind: 'refused', owner })

errands('pauses double up to their bound, shorter by chance, and a hint is followed without one', async () => {
  const { system, errand, asked } = scripted(['a'])
  const failure = errand.answer.catch((error: unknown) => error)
  for (const owner of ['b', undefined, undefined, undefined, undefined, undefined]) {
    await system.run(1_000)
    asked.at(-1)?.reply(refused(owner))
    await system.run(0)
  }
  assert.is(((await failure) as { code: string }).code, 'GOSSIP_NOT_OWNER')
  assert.equal(
    asked.map(({ peer, atMs }) => `${peer} at ${atMs}`),
    // Refused at 1000, 2000, …: b at once, then after 75, 150, 225 and 225 ms.
    ['a at 0', 'b at 1000', 'a at 2075', 'a at 3150', 'a at 4225', 'a at 5225'],
  )
})

errands('a ring that names somebody else ends a pause; one that names who has refused does not', async () => {
  const owners = ['a']
  const { system, errand, asked } = scripted(owners)
  await system.run(0)
  asked[0]?.reply(refused())
  await system.run(10)
  errand.onRingChange()
  await system.run(10)
  assert.is(asked.length, 1)
  owners[0] = 'b'
  errand.onRingChange()
  await system.run(0)
  assert.equal(
    asked.map(({ peer, atMs }) => `${peer} at ${atMs}`),
    ['a at 0', 'b at 20'],
  )
  asked[1]?.reply(done(2))
  assert.equal(await errand.answer, Uint8Array.of(2))
})

errands('what comes late from somebody who was given up is nothing', async () => {
  const owners = ['a']
  const { system, errand, asked } = scripted(owners)
  await system.run(0)
  owners[0] = 'b'
  errand.onRingChange()
  owners[0] = 'a'
  errand.onRingChange()
  await system.run(0)
  assert.equal(
    asked.map(({ peer }) => peer),
    ['a', 'b', 'a'],
  )
  // The refusal is of the first time; a was asked again since, and answers that.
  asked[0]?.reply(refused())
  asked[1]?.reply(done(1))
  await system.run(10)
  asked[2]?.reply(done(3))
  assert.equal(await errand.answer, Uint8Array.of(3))
  assert.is(asked.length, 3)
  assert.is(system.pending, 0, 'no timer is left')
})

errands.run()
