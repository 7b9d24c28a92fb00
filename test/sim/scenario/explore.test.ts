import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { InvalidOptionError } from '../../../src/core/index.ts'
import { exploreScenarios, parseReplay, runScenario, type Scenario, simulateScenario } from '../../../src/sim/index.ts'

const explore = suite('explore')

/** A cluster that cannot bear a deletion after a crash. */
async function fragile(scenario: Scenario): Promise<void> {
  const kinds = scenario.steps.map((step) => step.do)
  const crash = kinds.indexOf('crash')
  if (crash >= 0 && kinds.indexOf('delete', crash) > 0) throw new Error('it broke')
}

explore('a failure is shrunk, told readably, and shown again by one line', async () => {
  const { counterexample } = await exploreScenarios({ seed: 11, runs: 500, run: fragile })
  assert.ok(counterexample !== undefined)
  assert.equal(
    counterexample.scenario.steps.map((step) => step.do),
    ['crash', 'delete'],
  )
  assert.match(counterexample.report, /^A scenario fails \(\d+ runs, \d+ times shrunk\):\n\n2 peers, seed 0\n/)
  assert.match(
    counterexample.report,
    /\n {4}0\.000 s {2}p0 crashes, its disk is kept\n {4}0\.000 s {2}p0 deletes "a"\n/,
  )
  assert.match(counterexample.report, /\nit broke\n\nReplay: npx gossipmonger simulate --replay 11:[\d:]+\n$/)

  const seen: Scenario[] = []
  const again = await exploreScenarios({
    ...parseReplay(counterexample.replay),
    runs: 1,
    isShrinking: false,
    run: (scenario) => {
      seen.push(scenario)
      return fragile(scenario)
    },
  })
  assert.equal(seen, [counterexample.scenario])
  assert.equal(again.counterexample?.scenario, counterexample.scenario)
})

explore('a failure within other limits is shown again by its scenario', async () => {
  const { counterexample } = await exploreScenarios({ seed: 11, runs: 500, limits: { peersMax: 3 }, run: fragile })
  const [, json = ''] = /Replay: await runScenario\((?<json>.*)\)/.exec(counterexample?.report ?? '') ?? []
  assert.equal(JSON.parse(json), counterexample?.scenario)
})

explore('a search without failure says how many it ran, and tells of each', async () => {
  const told: number[] = []
  const { runs, counterexample } = await exploreScenarios({ seed: 1, runs: 12, onRun: (done) => void told.push(done) })
  assert.is(runs, 12)
  assert.is(counterexample, undefined)
  assert.equal(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
})

explore('what is no SEED:PATH is refused', () => {
  assert.equal(parseReplay('-5:3:0:12'), { seed: -5, path: '3:0:12' })
  for (const text of ['', '5', '5:', ':5', '5:x', '5:1:', 'a:1', '5:1:-1']) {
    assert.throws(
      () => parseReplay(text),
      (error: unknown) => error instanceof InvalidOptionError,
    )
  }
})

explore('the same scenario has the same history, as engines and as whole nodes', async () => {
  const { scenario } = (await exploreScenarios({ seed: 21, runs: 50, run: fragile })).counterexample ?? {}
  assert.ok(scenario !== undefined)
  for (const drive of ['engine', 'driver'] as const) {
    const [first, second] = [simulateScenario(scenario, { drive }), simulateScenario(scenario, { drive })]
    assert.is(first.stats.traceHash, second.stats.traceHash)
    assert.equal(await runScenario(scenario, { drive }), first)
  }
})

explore.run()
