import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Simulation, type SimulationOptions } from '../../src/sim/index.ts'
import { Trace } from '../../src/sim/world/index.ts'
import { EVERY_FAULT, live, ROUGH } from './harness/eventful.ts'

const determinism = suite('determinism')

const DRIVES = ['engine', 'driver'] as const
const ROUNDS = 15

interface History {
  readonly hash: string
  readonly lines: readonly string[]
  readonly simulation: Simulation
}

function history(options: SimulationOptions): History {
  const lines: string[] = []
  const simulation = new Simulation({ ...ROUGH, trace: (line) => lines.push(line), ...options })
  live(simulation, ROUNDS)
  return { hash: simulation.traceHash, lines, simulation }
}

/** Lines of what nodes and messages did: without what was done to them. */
function behaviour({ lines }: History): readonly string[] {
  return lines.filter((line) => !line.includes('"what":"network"'))
}

determinism('the same seed gives the same history, line by line', () => {
  for (const drive of DRIVES) {
    const [first, second] = [history({ seed: 7, drive }), history({ seed: 7, drive })]
    assert.ok(first.lines.length > 400)
    assert.equal(first.lines, second.lines)
    assert.is(first.hash, second.hash)
  }
})

determinism('every other seed gives another one', () => {
  const hashes = [0, 1, -1, 2 ** 32, 2 ** 32 + 1].map((seed) => history({ seed }).hash)
  assert.is(new Set(hashes).size, hashes.length)
})

determinism('another process sees the same history', () => {
  const script = fileURLToPath(new URL('./harness/print-history.js', import.meta.url))
  for (const drive of DRIVES) {
    const printed = execFileSync(process.execPath, [script, '7', drive], { encoding: 'utf8' })
    assert.is(printed.trim(), history({ seed: 7, drive }).hash)
  }
})

determinism('how the time is cut into pieces changes nothing', () => {
  const [whole, pieces] = [new Simulation({ ...ROUGH, seed: 3 }), new Simulation({ ...ROUGH, seed: 3 })]
  whole.runRounds(20)
  for (let i = 0; i < 160; i++) pieces.run(125)
  assert.is(whole.traceHash, pieces.traceHash)
})

determinism('whether checkers look on, and whether anybody reads, changes nothing', () => {
  const [looked, unlooked, read] = [history({}), history({ checks: 'off' }), history({ checks: 'collect' })]
  assert.is(looked.hash, unlooked.hash)
  assert.is(read.hash, unlooked.hash)
  const { simulation } = read
  const [reader = ''] = simulation.names.filter((name) => simulation.status(name) === 'up')
  simulation.entries(reader, 'p1')
  simulation.disagreements()
  assert.ok(simulation.stats.writes.count > 0)
  assert.is(simulation.traceHash, unlooked.hash)
})

determinism('whether payloads are encoded changes sizes and nothing else', () => {
  const { messageLimits: _, ...faults } = EVERY_FAULT
  const withoutBytes = (encoding: 'json' | 'none'): readonly string[] => {
    const network = { ...ROUGH.network, encoding }
    return history({ network, faults }).lines.map((line) => line.replace(/"bytes":\d+/, ''))
  }
  assert.equal(withoutBytes('json'), withoutBytes('none'))
})

determinism('a chance of 0 changes nothing', () => {
  const { lossChance, duplicateChance, reorderChance } = { lossChance: 0, duplicateChance: 0, reorderChance: 0 }
  const plain = history({ network: {}, faults: {} })
  const zeros = history({ network: { lossChance, duplicateChance, reorderChance, corruptChance: 0 }, faults: {} })
  assert.is(zeros.hash, plain.hash)
  const still = history({ network: {}, faults: {}, drift: 0 })
  const slow = history({ network: {}, faults: {}, drift: { min: 0, max: 0 } })
  assert.is(still.hash, slow.hash)
  const corruption = { everyMs: 5_000, forMs: 5_000, chance: 0 }
  const corrupted = history({ network: {}, faults: { corruption } })
  assert.ok(corrupted.lines.length > plain.lines.length)
  assert.equal(behaviour(corrupted), behaviour(plain))
})

determinism('the fingerprint is made of the very lines the sink gets', () => {
  const { hash, lines, simulation } = history({})
  const trace = new Trace()
  for (const line of lines) trace.write(JSON.parse(line))
  assert.is(trace.hash, hash)
  assert.is(simulation.stats.traceRecords, lines.length)
  assert.is(simulation.stats.traceHash, hash)
})

determinism('no clock, timer, promise or chance but its own is asked', () => {
  const expected = DRIVES.map((drive) => history({ seed: 7, drive }).hash)
  const poison = (): never => {
    throw new Error('the real world was asked')
  }
  const real: readonly (readonly [object, string, unknown])[] = [
    ...(['now'] as const).flatMap((name) => [[Date, name, Date.now] as const, [performance, name, performance.now]]),
    [Math, 'random', Math.random],
    [crypto, 'getRandomValues', crypto.getRandomValues.bind(crypto)],
    [crypto, 'randomUUID', crypto.randomUUID.bind(crypto)],
    ...(['setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'Date'] as const).map(
      (name) => [globalThis, name, globalThis[name]] as const,
    ),
    [process, 'nextTick', process.nextTick],
    [process, 'hrtime', process.hrtime],
  ] as never
  const found: string[] = []
  for (const [holder, name] of real) Object.defineProperty(holder, name, { value: poison, configurable: true })
  try {
    for (const drive of DRIVES) found.push(history({ seed: 7, drive }).hash)
  } finally {
    for (const [holder, name, value] of real) {
      Object.defineProperty(holder, name, { value, configurable: true, writable: true })
    }
  }
  assert.equal(found, expected)
})

determinism.run()
