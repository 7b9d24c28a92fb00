import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue, PeerRef, SenderRef } from '../../src/core/index.ts'
import { NotReachedError, runScenario, type Scenario, ViolationError } from '../../src/sim/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'
import { MemoryNetwork, type MemoryTransport } from '../../src/transports/index.ts'

const live = suite('live')

const EVERYTHING: Scenario = {
  seed: 1,
  peers: 3,
  engine: { deltaBytesMax: 1_000 },
  network: { latencyMs: { min: 1, max: 200 }, lossChance: 0.2, duplicateChance: 0.1, reorderChance: 0.1 },
  drift: 0,
  steps: [
    { do: 'set', peer: 0, key: 'a', value: [1, 'ü'] },
    { do: 'set', peer: 1, key: '__proto__', value: 2 },
    { do: 'wait', ms: 3_000 },
    { do: 'partition', side: 1 },
    { do: 'set', peer: 2, key: 'b', value: 3, ttlMs: 2_000 },
    { do: 'delete', peer: 1, key: '__proto__' },
    { do: 'wait', ms: 5_000 },
    { do: 'heal' },
    { do: 'crash', peer: 1, disk: 'kept' },
    { do: 'stall', peer: 0, ms: 1_000 },
    { do: 'join' },
    { do: 'cut', from: 0, to: 2, oneWay: true },
    { do: 'corrupt', chance: 0.2 },
    { do: 'wait', ms: 2_000 },
    { do: 'restart', peer: 1 },
    { do: 'leave', peer: 3 },
    { do: 'wait', ms: 1_000 },
  ],
}

live('a scenario runs over memory transports, and says what it passed over', async () => {
  const network = new MemoryNetwork()
  const outcome = await runScenario(EVERYTHING, { makeTransport: () => network.transport() })
  assert.is(outcome.passedOver, 1)
  assert.ok((outcome.errors['GOSSIP_MESSAGE_MALFORMED'] ?? 0) > 0)
})

live('the same scenario runs over TCP', async () => {
  await runScenario(EVERYTHING, { makeTransport: () => new TcpTransport({ host: '127.0.0.1', port: 0 }) })
})

live('a transport that never delivers deltas is found out', async () => {
  const network = new MemoryNetwork()
  const steps = [{ do: 'set', peer: 1, key: 'a', value: 1 }] as const
  const run = runScenario(
    { ...EVERYTHING, steps },
    {
      makeTransport: () => Object.assign(network.transport(), { deltas: () => undefined }),
      settleRoundsMax: 20,
    },
  )
  const error = await run.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  assert.instance(error, NotReachedError)
  assert.match((error as Error).message, /p0 reads of p1 \[\], but it is \[\["a",1\]\]/)
})

live('a transport that changes values is found out', async () => {
  const network = new MemoryNetwork()
  const lying = (): MemoryTransport => {
    const transport = network.transport()
    const deltas = transport.deltas.bind(transport)
    return Object.assign(transport, {
      deltas: (to: PeerRef, from: SenderRef, payload: JsonValue) =>
        deltas(to, from, JSON.parse(JSON.stringify(payload).replaceAll('"truth"', '"lie"')) as JsonValue),
    })
  }
  const steps = [
    { do: 'set', peer: 1, key: 'a', value: 'truth' },
    { do: 'wait', ms: 4_000 },
  ] as const
  const run = runScenario({ ...EVERYTHING, steps }, { makeTransport: lying, settleRoundsMax: 20 })
  const error = await run.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  assert.ok(error instanceof ViolationError || error instanceof NotReachedError)
  assert.match((error as Error).message, /"lie"/)
})

live.run()
