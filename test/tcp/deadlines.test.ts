import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ConnectionFacts, deadlinePeriodMs, missedDeadline } from '../../src/tcp/deadlines.ts'
import { resolveTcpOptions } from '../../src/tcp/options.ts'
import { helloOf } from './fixture.ts'

const deadlines = suite('tcp: deadlines')

const limits = resolveTcpOptions({
  connectTimeoutMs: 100,
  handshakeTimeoutMs: 200,
  frameTimeoutMs: 300,
  idleTimeoutMs: 400,
})

/** A connection that has said something at time 0 and is in nobody's debt. */
function facts(changes: Partial<ConnectionFacts>): ConnectionFacts {
  return {
    purpose: 'inbound',
    isHandedOver: false,
    openedMs: 0,
    mutedMs: undefined,
    pausedSinceMs: undefined,
    frameStartedMs: undefined,
    frameBytes: 0,
    paceBytesLeft: undefined,
    blockedSinceMs: undefined,
    lastProgressMs: 0,
    wasOpened: true,
    bytesRead: 1,
    hasSpoken: true,
    hasEnded: false,
    hello: undefined,
    ...changes,
  }
}

const CASES: readonly [name: string, facts: ConnectionFacts, timeoutMs: number, deadline: string][] = [
  ['a socket that does not open', facts({ purpose: 'lane', wasOpened: false, bytesRead: 0 }), 100, 'connect'],
  ['a dialler that sends nothing', facts({ bytesRead: 0, hasSpoken: false }), 200, 'handshake'],
  ['a dialler of blank lines', facts({ hasSpoken: false, lastProgressMs: 200 }), 200, 'handshake'],
  ['a peer that does not answer the hello', facts({ purpose: 'lane', bytesRead: 0 }), 200, 'handshake'],
  [
    'a message that does not end, although bytes arrive',
    facts({ frameStartedMs: 0, lastProgressMs: 300 }),
    300,
    'frame',
  ],
  ['a peer that takes nothing, although it sends', facts({ blockedSinceMs: 0, lastProgressMs: 400 }), 400, 'stalled'],
  ['a connection without traffic', facts({}), 400, 'idle'],
  ['a lane without traffic', facts({ purpose: 'lane', hello: helloOf('b') }), 400, 'idle'],
  ['a single message that is not answered', facts({ purpose: 'one-shot', bytesRead: 0, hasEnded: true }), 400, 'idle'],
  ['an ended lane that was not answered', facts({ purpose: 'lane', bytesRead: 0, hasEnded: true }), 400, 'idle'],
  ['a refused peer that does not end', facts({ mutedMs: 0, lastProgressMs: 1_000 }), 1_000, 'muted'],
]

for (const [name, connection, timeoutMs, deadline] of CASES) {
  deadlines(`${name} misses its deadline, and not before`, () => {
    assert.is(missedDeadline(connection, timeoutMs, limits), undefined)
    assert.is(missedDeadline(connection, timeoutMs + 1, limits), deadline)
  })
}

deadlines('a message may take the longer, the more of it has come', () => {
  const slow = resolveTcpOptions({ frameBytesPerSecondMin: 1_000 })
  const late = (frameBytes: number, nowMs: number): string | undefined =>
    missedDeadline(facts({ frameStartedMs: 0, frameBytes, lastProgressMs: nowMs }), nowMs, slow)
  assert.equal([late(10, 5_000), late(10, 5_011)], [undefined, 'frame'])
  assert.equal([late(20_000, 25_000), late(20_000, 25_001)], [undefined, 'frame'])
  assert.equal([late(1e6, 60_000), late(1e6, 60_001)], [undefined, 'frame'])
})

deadlines('what is not read cannot be late, but has to take what waits for it', () => {
  const paused = { pausedSinceMs: 0, frameStartedMs: 0, bytesRead: 0, hasSpoken: false }
  assert.is(missedDeadline(facts(paused), 1e6, limits), undefined)
  assert.is(missedDeadline(facts({ ...paused, blockedSinceMs: 0 }), 1e6, limits), 'stalled')
})

deadlines('are looked at often enough for the shortest, and not more than the longest needs', () => {
  assert.is(deadlinePeriodMs(limits), 25)
  assert.is(deadlinePeriodMs(resolveTcpOptions()), 1_000)
  assert.is(deadlinePeriodMs(resolveTcpOptions({ idleTimeoutMs: 1 })), 5)
})

deadlines.run()
