/** What a user of scenarios of services relies on: equal runs, schedules to read, a replay, and a door for his own code. */

import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ViolationError } from '../../../src/sim/index.ts'
import {
  describeServiceScenario,
  exploreServiceScenarios,
  runServiceScenario,
  SERVICE_STEP_KINDS,
  type ServiceScenario,
  type ServiceStep,
  serviceScenarios,
} from '../../../src/sim/index.ts'

const services = suite('services')

const calm = { latencyMs: { min: 1, max: 20 }, lossChance: 0, duplicateChance: 0, reorderChance: 0 }

function scenarioOf(...steps: ServiceStep[]): ServiceScenario {
  return { seed: 7, peers: 3, network: calm, steps }
}

async function violationOf(run: Promise<unknown>): Promise<string> {
  try {
    await run
  } catch (error) {
    return (error as ViolationError).violations.map(({ checker, problem }) => `${checker}: ${problem}`).join('\n')
  }
  return 'nothing'
}

services('the same scenario gives the same history, another seed another', async () => {
  const [scenario] = fc.sample(serviceScenarios(), { seed: 11, numRuns: 1 }) as [ServiceScenario]
  const histories: string[][] = []
  for (const seed of [1, 1, 2]) {
    const lines: string[] = []
    await runServiceScenario({ ...scenario, seed }, { trace: (line) => lines.push(line) })
    histories.push(lines)
  }
  assert.ok((histories[0] ?? []).length > 50)
  assert.equal(histories[0], histories[1])
  assert.not.equal(histories[0], histories[2])
})

services('every kind of step occurs by chance, and a scenario is plain JSON', () => {
  const sample = fc.sample(serviceScenarios(), { seed: 5, numRuns: 200 })
  const kinds = new Set(sample.flatMap(({ steps }) => steps.map((step) => step.do)))
  assert.equal([...kinds].sort(), [...SERVICE_STEP_KINDS].sort())
  for (const scenario of sample) assert.equal(JSON.parse(JSON.stringify(scenario)), scenario)
})

services('limits are kept', () => {
  const limits = { peersMax: 3, stepsMax: 5, streamBytesMax: 100, kinds: ['stream', 'crash'] as const }
  const sample = fc.sample(serviceScenarios(limits), { seed: 5, numRuns: 200 })
  assert.equal([...new Set(sample.map(({ peers }) => peers))].sort(), [2, 3])
  assert.is(Math.max(...sample.map(({ steps }) => steps.length)), 5)
  const steps = sample.flatMap((scenario) => scenario.steps)
  assert.equal([...new Set(steps.map((step) => step.do))].sort(), ['crash', 'stream', 'wait'])
})

services('every kind of step has its words, and a person reads when it happens', () => {
  const all: { readonly [Kind in ServiceStep['do']]: Extract<ServiceStep, { do: Kind }> } = {
    wait: { do: 'wait', ms: 1 },
    request: { do: 'request', from: 0, to: 1, workMs: 5, timeoutMs: 50, fails: true },
    anyone: { do: 'anyone', from: 0, workMs: 5, stallAfterMs: 9 },
    cancel: { do: 'cancel', peer: 0 },
    send: { do: 'send', from: 0, to: 1, count: 3 },
    stream: { do: 'stream', from: 0, to: 1, bytes: 10, back: 20, stopAt: 5 },
    open: { do: 'open', peer: 0, port: 1 },
    close: { do: 'close', peer: 0, port: 1 },
    call: { do: 'call', from: 0, to: 1, port: 1 },
    pair: { do: 'pair', from: 0, to: 1 },
    release: { do: 'release', peer: 0 },
    crash: { do: 'crash', peer: 0, silent: true },
    restart: { do: 'restart', peer: 0 },
    leave: { do: 'leave', peer: 0 },
    break: { do: 'break', from: 0, to: 1 },
    cut: { do: 'cut', from: 0, to: 1, oneWay: true },
    partition: { do: 'partition', side: 5 },
    heal: { do: 'heal' },
    pause: { do: 'pause', peer: 0, ms: 9 },
    weather: { do: 'weather', lossChance: 0.1, duplicateChance: 0 },
  }
  const lines = describeServiceScenario(scenarioOf(...Object.values(all))).split('\n')
  assert.is(lines.length, SERVICE_STEP_KINDS.length + 3)
  assert.is(lines[0], '3 peers, seed 7')
  assert.is(lines[2], '    0.000 s  all start')
  assert.is(lines[3], '    3.001 s  p0 asks p1 for 5 ms of work, which fails, within 50 ms')
  assert.is(new Set(lines).size, lines.length)
})

services('a calm run answers, hears, streams, pairs, opens and calls', async () => {
  const { figures } = await runServiceScenario(
    scenarioOf(
      { do: 'request', from: 0, to: 1, workMs: 5, timeoutMs: 500, fails: false },
      { do: 'anyone', from: 2, workMs: 5, stallAfterMs: 500 },
      { do: 'send', from: 0, to: 2, count: 4 },
      { do: 'stream', from: 1, to: 2, bytes: 200_000, back: 1_000 },
      { do: 'pair', from: 1, to: 2 },
      { do: 'open', peer: 0, port: 1 },
      { do: 'call', from: 1, to: 0, port: 1 },
      { do: 'wait', ms: 10_000 },
    ),
  )
  const { answered, failed, heard, called, wholeStreams, brokenStreams, pairs, lostPairs } = figures
  assert.equal(
    { answered, failed, heard, called, wholeStreams, brokenStreams, pairs, lostPairs },
    { answered: 2, failed: 0, heard: 4, called: 1, wholeStreams: 2, brokenStreams: 0, pairs: 2, lostPairs: 0 },
  )
})

services('sessions that break fail what was on them', async () => {
  const { figures } = await runServiceScenario(
    scenarioOf(
      { do: 'send', from: 0, to: 1, count: 1 },
      { do: 'wait', ms: 500 },
      { do: 'pair', from: 0, to: 1 },
      { do: 'request', from: 0, to: 1, workMs: 4_000, timeoutMs: 5_000, fails: false },
      { do: 'stream', from: 0, to: 1, bytes: 600_000, back: 600_000 },
      { do: 'wait', ms: 200 },
      { do: 'break', from: 0, to: 1 },
    ),
  )
  const { answered, failed, brokenStreams, lostPairs } = figures
  assert.equal(
    { answered, failed, brokenStreams, lostPairs },
    { answered: 0, failed: 1, brokenStreams: 2, lostPairs: 2 },
  )
})

services('code of ones own runs on every life, and its objection is a failure that can be replayed', async () => {
  const lives: string[] = []
  const run = (scenario: ServiceScenario): Promise<unknown> =>
    runServiceScenario(scenario, {
      service: ({ life, object }) => {
        lives.push(life.label)
        if (life.label === 'p1.2') object('lives twice')
      },
    })
  const { counterexample } = await exploreServiceScenarios({
    seed: 1,
    runs: 100,
    run,
    limits: { kinds: ['crash', 'restart'] },
  })
  assert.ok(lives.includes('p1.1'))
  assert.match(
    counterexample?.report ?? '',
    /p1 crashes\n.*p1 starts again\n[\s\S]*lives twice[\s\S]*Replay: await runServiceScenario\(/,
  )
  const { seed, path } = /^(?<seed>\d+):(?<path>.*)$/.exec(counterexample?.replay ?? '')?.groups ?? {}
  const again = await exploreServiceScenarios({
    seed: Number(seed),
    path: path ?? '',
    runs: 1,
    run,
    limits: { kinds: ['crash', 'restart'] },
  })
  assert.equal(again.counterexample?.scenario, counterexample?.scenario)
})

services('what never settles is a violation', async () => {
  const run = runServiceScenario(scenarioOf(), {
    service: ({ life, follow }) => {
      if (life.name === 'p1') follow('a promise', new Promise(() => {}))
    },
  })
  assert.is(await violationOf(run), 'settled: a promise never comes to an end')
})

services('nodes that never agree are told with what is missing', async () => {
  const error = await runServiceScenario(
    { ...scenarioOf({ do: 'crash', peer: 2, silent: false }), peers: 3 },
    { settleRoundsMax: 3 },
  ).catch((thrown: unknown) => thrown as { readonly code: string; readonly message: string })
  assert.is((error as { readonly code: string }).code, 'GOSSIP_SIM_NOT_REACHED')
  assert.match(
    (error as { readonly message: string }).message,
    /p0\.1 has the members .*p2.* in its ring and not p0,p1/,
  )
})

services.run()
