import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { FAULT_KINDS, type FaultOptions, Simulation, type SimulationOptions } from '../../../src/sim/index.ts'
import { recordsOn } from '../harness/records.ts'

const chaos = suite('faults by chance')

const S = 1_000
const OFTEN = { everyMs: { mean: 10 * S, max: 60 * S }, forMs: { mean: 8 * S, max: 40 * S } }

/** Every kind, often. */
const FAULTS: Required<FaultOptions> = {
  cuts: OFTEN,
  partitions: OFTEN,
  crashes: OFTEN,
  stalls: OFTEN,
  clockJumps: { everyMs: 10 * S, byMs: { min: -3_600 * S, max: 3_600 * S } },
  messageLimits: { ...OFTEN, bytes: { mean: 800, max: 4_000 } },
  corruption: { ...OFTEN, chance: { min: 0.1, max: 0.5 } },
  twins: OFTEN,
}

/** How each kind shows in the trace when it begins, and when it has ended. */
const MARKS: Readonly<Record<keyof FaultOptions, readonly [RegExp, RegExp]>> = {
  cuts: [/"what":"cut","nodes":.*"oneWay":true/, /"what":"mend","nodes":.*"oneWay":true/],
  partitions: [/"what":"partition"/, /"what":"unite"/],
  crashes: [/"what":"crash"/, /"what":"start"/],
  stalls: [/"what":"stall"/, /"what":"woken"/],
  clockJumps: [/"what":"clock jump"/, /^never$/],
  messageLimits: [/"what":"network".*"maxMessageBytes":\d{3,4}}/, /"what":"network".*"maxMessageBytes":4194304/],
  corruption: [/"what":"network".*"corruptChance":0\.\d/, /"what":"network".*"corruptChance":0}/],
  twins: [/"what":"twin"/, /"what":"crash"/],
}

/** A day: what is undone within the test was undone by calm. */
const DAY = { forMs: 86_400 * S }
const LASTING: Readonly<Record<keyof FaultOptions, object>> = {
  cuts: DAY,
  partitions: DAY,
  crashes: DAY,
  stalls: DAY,
  clockJumps: {},
  messageLimits: DAY,
  corruption: DAY,
  twins: DAY,
}

function simulated(options: SimulationOptions): { simulation: Simulation; lines: string[] } {
  const lines: string[] = []
  const simulation = new Simulation({ peers: 3, trace: (line) => lines.push(line), ...options })
  return { simulation, lines }
}

chaos('every kind occurs again and again, and ends by itself', () => {
  for (const kind of FAULT_KINDS) {
    const { simulation, lines } = simulated({ faults: { [kind]: FAULTS[kind] } })
    lines.length = 0
    simulation.runRounds(120)
    const [begun, ended] = MARKS[kind].map((mark) => lines.filter((line) => mark.test(line)).length) as [number, number]
    assert.ok(begun >= 5 && begun <= 30, `${kind}: ${begun} in 120 s`)
    if (kind !== 'clockJumps') assert.ok(ended >= 3 && ended <= begun, `${kind}: ${ended} of ${begun} have ended`)
  }
})

chaos('a kind that is left out does not occur', () => {
  for (const kind of FAULT_KINDS) {
    const others = Object.fromEntries(Object.entries(FAULTS).filter(([name]) => name !== kind))
    const { simulation, lines } = simulated({ faults: others })
    lines.length = 0
    simulation.runRounds(20)
    const [mark] = MARKS[kind]
    if (kind !== 'crashes')
      assert.not(
        lines.some((line) => mark.test(line)),
        kind,
      )
    else
      assert.not(
        lines.some((line) => mark.test(line) && !line.includes('#')),
        kind,
      )
  }
})

chaos('calm undoes every kind at once, and no more of it comes', () => {
  for (const kind of FAULT_KINDS) {
    for (let seed = 0; seed < 2; seed++) {
      const { simulation, lines } = simulated({ seed, faults: { [kind]: { ...FAULTS[kind], ...LASTING[kind] } } })
      simulation.runRounds(30)
      simulation.calm()
      lines.length = 0
      simulation.runRounds(25)
      const [mark] = MARKS[kind]
      assert.not(
        lines.some((line) => mark.test(line)),
        `${kind} after calm`,
      )
      const { lost, cut, corrupted, tooLarge } = simulation.stats.network
      simulation.runRounds(5)
      const { network } = simulation.stats
      assert.equal([network.lost, network.cut, network.corrupted, network.tooLarge], [lost, cut, corrupted, tooLarge])
      const up = simulation.names.filter((name) => simulation.status(name) === 'up')
      assert.is(up.length, 3, `${kind}: ${up.join()} are up`)
      if (kind !== 'twins') assert.is(simulation.settle({ maxRounds: 100 }), 0)
    }
  }
})

chaos('what was undone, by hand or by calm, is not undone again', () => {
  const { simulation, lines } = simulated({ faults: { crashes: { everyMs: 30 * S, forMs: 20 * S } } })
  simulation.runUntil(() => simulation.names.some((name) => simulation.status(name) === 'down'), { maxRounds: 40 })
  const [name = ''] = simulation.names.filter((each) => simulation.status(each) === 'down')
  simulation.restart(name)
  lines.length = 0
  simulation.calm()
  assert.equal(recordsOn(lines, 'start'), [])
  simulation.crash(name)
  simulation.runRounds(40)
  assert.is(simulation.status(name), 'down')
})

chaos('what was limited or damaged from the start is so again after a fault', () => {
  const network = { maxMessageBytes: 100_000, corruptChance: 0.01 }
  for (const kind of ['messageLimits', 'corruption'] as const) {
    const { simulation, lines } = simulated({ network, faults: { [kind]: FAULTS[kind] } })
    simulation.runRounds(200)
    const name = kind === 'corruption' ? '"corruptChance":0.01}' : '"maxMessageBytes":100000}'
    assert.ok(
      lines.some((line) => line.includes(name)),
      kind,
    )
  }
})

chaos('crashes leave the disk as one of the fates that are allowed', () => {
  for (const [disk, isKept] of [
    ['kept', true],
    ['lost', false],
  ] as const) {
    const { simulation } = simulated({ faults: { crashes: { ...OFTEN, disk: [disk] } } })
    for (const name of simulation.names) simulation.set(name, 'k', 1)
    simulation.runRounds(200)
    simulation.calm()
    const values = simulation.names.map((name) => simulation.get(name, name, 'k'))
    assert.equal(values, Array(3).fill(isKept ? 1 : undefined))
  }
})

chaos('one kind more leaves the times of the others as they are', () => {
  const times = (faults: FaultOptions): readonly number[] => {
    const { simulation, lines } = simulated({ faults })
    simulation.runRounds(100)
    return recordsOn(lines, 'partition').map((record) => Number(record['at']))
  }
  const alone = times({ partitions: OFTEN })
  assert.ok(alone.length > 3)
  assert.equal(times({ partitions: OFTEN, stalls: OFTEN, clockJumps: FAULTS.clockJumps }), alone)
})

chaos('a limit that is drawn below the smallest counts as the smallest', () => {
  const messageLimits = { everyMs: 1 * S, forMs: 1 * S, bytes: { mean: 520, max: 600 } }
  const { simulation, lines } = simulated({ faults: { messageLimits } })
  simulation.runRounds(20)
  assert.ok(lines.some((line) => line.includes('"maxMessageBytes":512}')))
})

chaos('whoever starts while messages are limited is told of the limit that stays', () => {
  const { simulation } = simulated({ peers: 2 })
  simulation.set('p0', 'k', 'x'.repeat(5_000))
  simulation.setNetwork({ maxMessageBytes: 600 })
  simulation.crash('p0')
  simulation.restart('p0')
  simulation.settle({ maxRounds: 30 })
  assert.is(simulation.get('p1', 'p0', 'k'), 'x'.repeat(5_000))
})

chaos.run()
