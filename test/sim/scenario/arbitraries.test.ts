import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { admitJson, isName, type JsonValue } from '../../../src/core/index.ts'
import { type Scenario, STEP_KINDS, type Step, scenarios } from '../../../src/sim/index.ts'

const arbitraries = suite('arbitraries')

const SAMPLE = { seed: 5, numRuns: 400 }

function sizeOf(scenario: Scenario): number {
  const { lossChance, duplicateChance, reorderChance } = scenario.network
  const faults = Math.ceil(lossChance + duplicateChance + reorderChance)
  return scenario.steps.length + scenario.peers + Object.keys(scenario.engine).length + faults
}

arbitraries('the same seed gives the same scenarios, another seed others', () => {
  const sample = (seed: number): readonly Scenario[] => fc.sample(scenarios.scenario(), { seed, numRuns: 20 })
  assert.equal(sample(1), sample(1))
  assert.not.equal(sample(1), sample(2))
})

arbitraries('every kind of step occurs', () => {
  const seen = new Set(fc.sample(scenarios.scenario(), SAMPLE).flatMap(({ steps }) => steps.map((step) => step.do)))
  assert.equal([...seen].sort(), [...STEP_KINDS].sort())
})

arbitraries('only the kinds that were asked for occur, beside waiting', () => {
  const kinds: readonly Step['do'][] = ['set', 'crash']
  const all = fc.sample(scenarios.scenario({ kinds }), SAMPLE).flatMap(({ steps }) => steps.map((step) => step.do))
  assert.equal([...new Set(all)].sort(), ['crash', 'set', 'wait'])
})

arbitraries('peers and steps stay within their limits, and reach them', () => {
  const limits = { peersMax: 4, stepsMax: 6, firstGenerationMax: 2 }
  const sample = fc.sample(scenarios.scenario(limits), SAMPLE)
  assert.equal([...new Set(sample.map(({ peers }) => peers))].sort(), [2, 3, 4])
  assert.is(Math.max(...sample.map(({ steps }) => steps.length)), 6)
  assert.equal([...new Set(sample.map(({ firstGeneration }) => firstGeneration))].sort(), [1, 2])
})

arbitraries('every condition of the network and every option of the engine occurs, and its absence too', () => {
  const sample = fc.sample(scenarios.scenario(), SAMPLE)
  for (const chance of ['lossChance', 'duplicateChance', 'reorderChance'] as const) {
    assert.ok(
      sample.some(({ network }) => network[chance] > 0) && sample.some(({ network }) => network[chance] === 0),
      chance,
    )
  }
  const names = new Set(sample.flatMap(({ engine }) => Object.keys(engine)))
  assert.is(names.size, 9)
  for (const name of names)
    assert.ok(
      sample.some(({ engine }) => !(name in engine)),
      name,
    )
})

arbitraries('a scenario is plain JSON', () => {
  for (const scenario of fc.sample(scenarios.scenario(), SAMPLE)) {
    assert.equal(JSON.parse(JSON.stringify(scenario)), scenario)
  }
})

arbitraries('keys are names, values can be replicated, and both are sometimes strange', () => {
  const keys = fc.sample(scenarios.key(), SAMPLE)
  assert.ok(keys.every(isName) && keys.includes('__proto__'))
  const values = fc.sample(scenarios.value(), SAMPLE)
  for (const value of values) assert.equal(admitJson(value).value, value)
  const kinds = new Set(
    values.map((value: JsonValue) => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value)),
  )
  assert.equal([...kinds].sort(), ['array', 'boolean', 'null', 'number', 'object', 'string'])
})

arbitraries('a failing scenario shrinks to what makes it fail', () => {
  const fails = ({ steps }: Scenario): boolean => steps.some((step) => step.do === 'crash' && step.disk === 'torn')
  const property = fc.property(scenarios.scenario(), (scenario) => !fails(scenario))
  const { counterexample, failed } = fc.check(property, { seed: 3, numRuns: 1_000 })
  assert.ok(failed)
  const [smallest] = counterexample as [Scenario]
  assert.ok(fails(smallest))
  assert.equal(smallest.steps, [{ do: 'crash', peer: 0, disk: 'torn' }])
  assert.is(sizeOf(smallest), 3)
})

arbitraries('no shrink is larger than what it came from', () => {
  // What a random walk through shrinks passes on its way never grows.
  for (let seed = 1; seed <= 20; seed++) {
    const sizes: number[] = []
    const property = fc.property(scenarios.scenario(), (scenario) => {
      const isSmaller = sizes.length === 0 || sizeOf(scenario) <= (sizes.at(-1) as number)
      if (!isSmaller) return true
      sizes.push(sizeOf(scenario))
      return false
    })
    fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: 200 })
    assert.ok((sizes.at(-1) as number) < (sizes[0] as number), `${sizes[0]} to ${sizes.at(-1)}`)
  }
})

arbitraries.run()
