import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { describeScenario, type Scenario, STEP_KINDS, type Step } from '../../../src/sim/index.ts'

const describe = suite('describe')

const calm = { latencyMs: { min: 1, max: 20 }, lossChance: 0, duplicateChance: 0, reorderChance: 0 }

function scenarioOf(steps: readonly Step[]): Scenario {
  return { seed: 7, peers: 3, engine: {}, network: calm, drift: 0, steps }
}

describe('a person reads who there is, what happens when, and that peace comes last', () => {
  const text = describeScenario({
    ...scenarioOf([
      { do: 'set', peer: 1, key: 'a', value: { b: 1 } },
      { do: 'wait', ms: 2_500 },
      { do: 'crash', peer: 0, disk: 'lost' },
      { do: 'wait', ms: 500 },
    ]),
    firstGeneration: 1,
    engine: { fanout: 2 },
    network: { ...calm, lossChance: 0.1 },
    drift: 0.02,
  })
  assert.equal(text.split('\n'), [
    '3 peers, 1 of them first generation, fanout 2, clocks ±2 %, seed 7',
    'network: 1 to 20 ms, 10 % lost',
    '    0.000 s  p1 sets "a" = {"b":1}',
    '    2.500 s  p0 crashes, its disk is lost',
    '    3.000 s  peace',
  ])
})

describe('every kind of step has its words', () => {
  const all: { readonly [Kind in Step['do']]: Extract<Step, { do: Kind }> } = {
    wait: { do: 'wait', ms: 1 },
    set: { do: 'set', peer: 0, key: 'k', value: 1, ttlMs: 5 },
    delete: { do: 'delete', peer: 0, key: 'k' },
    cut: { do: 'cut', from: 0, to: 1, oneWay: false },
    partition: { do: 'partition', side: 5 },
    heal: { do: 'heal' },
    crash: { do: 'crash', peer: 0, disk: 'kept' },
    restart: { do: 'restart', peer: 0 },
    leave: { do: 'leave', peer: 0 },
    join: { do: 'join' },
    stall: { do: 'stall', peer: 0, ms: 9 },
    clock: { do: 'clock', peer: 0, ms: -9 },
    limit: { do: 'limit', bytes: 600 },
    corrupt: { do: 'corrupt', chance: 0.5 },
    twin: { do: 'twin', peer: 0 },
  }
  const lines = STEP_KINDS.filter((kind) => kind !== 'wait').map(
    (kind) => describeScenario(scenarioOf([all[kind]])).split('\n')[2],
  )
  assert.is(new Set(lines).size, STEP_KINDS.length - 1)
  for (const line of lines) assert.match(line as string, /^ {4}0\.000 s {2}\S/)
})

describe('a long value is cut, and its length said', () => {
  const text = describeScenario(scenarioOf([{ do: 'set', peer: 0, key: 'k', value: 'x'.repeat(500) }]))
  assert.match(text, /"x{59}… \(502 characters\)/)
})

describe.run()
