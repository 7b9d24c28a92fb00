import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { GossipError } from '../../../src/core/index.ts'
import {
  ConformanceError,
  type ConformanceFixture,
  type ConformanceResult,
  conformanceCases,
  runConformance,
} from '../../../src/transports/conformance/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'
import { PlainListener, plainFixture } from './plain-transport.ts'

const run = suite('conformance: run')

class Silent extends PlainListener {
  override post(): void {}
}

run('passed, failed and skipped cases are counted and told one by one, with their reasons', async () => {
  const results: ConformanceResult[] = []
  const fixture = plainFixture((network, { address }) => new Silent(network, address), {
    capabilities: { listens: true, rpc: false, hello: false, limited: false },
  })
  const names = ['delivery: a message to oneself arrives', 'lifecycle: listening gives an address and is told']
  const filter = (name: string): boolean => names.includes(name) || name.startsWith('diallers')
  const report = await runConformance(fixture, { filter, deadlineMs: 100, onResult: (result) => results.push(result) })
  assert.is(report.passed, 1)
  assert.equal(
    report.failed.map(({ name }) => name),
    ['delivery: a message to oneself arrives'],
  )
  assert.is(report.skipped, 2)
  assert.equal(
    results.map(({ status }) => status),
    ['failed', 'passed', 'skipped', 'skipped'],
  )
  const [failed, , skipped] = results
  assert.ok(failed?.status === 'failed')
  assert.instance(failed.error, ConformanceError)
  assert.instance(failed.error, GossipError)
  assert.is((failed.error as ConformanceError).code, 'GOSSIP_CONFORMANCE_FAILED')
  assert.is((failed.error as ConformanceError).section, 'Delivery')
  assert.ok(skipped?.status === 'skipped')
  assert.is(skipped.reason, 'the fixture does not declare diallers')
})

run('long cases tell how far they have come', async () => {
  const told: string[] = []
  const filter = (name: string): boolean => name.startsWith('soak')
  await runConformance(plainFixture(), { filter, onProgress: (name, text) => told.push(`${name}: ${text}`) })
  assert.is(told[0], 'soak: 10,000 messages among four peers: ')
  assert.match(told[1] ?? '', /^soak: .*: 100 of 10008 messages$/)
  assert.is(told.length, 101)
})

run('every transport is closed and the fixture torn down after each case, failed ones too', async () => {
  const opened: PlainListener[] = []
  let closings = 0
  const fixture = plainFixture(
    (network, { address }) => {
      const transport = new Silent(network, address)
      opened.push(transport)
      return transport
    },
    { close: () => closings++ },
  )
  const filter = (name: string): boolean => name.startsWith('isolation')
  const { failed } = await runConformance(fixture, { filter, deadlineMs: 50 })
  assert.is(failed.length, 3)
  assert.is(closings, 3)
  assert.ok(opened.length >= 6 && opened.every(({ isClosed }) => isClosed))
})

run('a transport that moves only when it is told to is told to', async () => {
  const waiting: (() => void)[] = []
  const network = new MemoryNetwork({ schedule: (deliver) => waiting.push(deliver) })
  const fixture: ConformanceFixture = {
    name: 'postponed',
    capabilities: {
      listens: true,
      limited: true,
      reportsUnreachable: true,
      rpc: true,
      hello: true,
      sessions: true,
      bulk: true,
    },
    createTransport: () => network.transport(),
    settle: () => {
      for (const deliver of waiting.splice(0)) deliver()
    },
  }
  const filter = (name: string): boolean => /^(delivery|errors|hello|rpc|cluster):/.test(name)
  const { passed, failed } = await runConformance(fixture, { filter })
  assert.equal(failed, [])
  assert.is(passed, 17)
})

run('no two cases have one name', () => {
  const names = conformanceCases(plainFixture()).map(({ name }) => name)
  assert.is(new Set(names).size, names.length)
})

const GOOD = plainFixture()
const BAD: readonly (readonly [fixture: unknown, says: RegExp])[] = [
  [undefined, /fixture must be an object, got undefined/],
  [{ ...GOOD, name: '' }, /fixture\.name must be a non-empty text, got ""/],
  [{ ...GOOD, createTransport: undefined }, /fixture\.createTransport must be a function/],
  [{ ...GOOD, injectGarbage: 'x' }, /fixture\.injectGarbage must be a function or left out/],
  [{ ...GOOD, malformedAddresses: null }, /fixture\.malformedAddresses must be an array/],
  [{ ...GOOD, queueBytesMax: 0 }, /fixture\.queueBytesMax must be an integer in/],
  [{ ...GOOD, capabilities: { lossless: true } }, /fixture\.capabilities\.lossless must be one of listens/],
  [{ ...GOOD, capabilities: { lossy: 1 } }, /fixture\.capabilities\.lossy must be a boolean, got 1/],
]

for (const [fixture, says] of BAD) {
  run(`a fixture is refused: ${says.source}`, async () => {
    assert.throws(() => conformanceCases(fixture as ConformanceFixture), says)
    const error = await runConformance(fixture as ConformanceFixture).catch((thrown: unknown) => thrown)
    assert.is((error as GossipError).code, 'GOSSIP_OPTION_INVALID')
  })
}

run('a fixture may be an instance of a class', async () => {
  class Fixture implements ConformanceFixture {
    readonly name = 'of a class'
    readonly capabilities = GOOD.capabilities
    #count = 0
    createTransport(request: Parameters<ConformanceFixture['createTransport']>[0]) {
      this.#count++
      return GOOD.createTransport(request)
    }
    close(): void {
      assert.ok(this.#count > 0)
    }
  }
  const filter = (name: string): boolean => name.startsWith('delivery: a digest')
  assert.is((await runConformance(new Fixture(), { filter })).passed, 1)
})

run('a fixture that makes no transport fails its cases, and says so', async () => {
  const fixture = { ...GOOD, createTransport: () => ({}) as never }
  const filter = (name: string): boolean => name.startsWith('delivery: a digest')
  const { failed } = await runConformance(fixture, { filter })
  assert.match(failed[0]?.error.message ?? '', /createTransport\(\) to give a transport; it has no method digest/)
})

run.run()
