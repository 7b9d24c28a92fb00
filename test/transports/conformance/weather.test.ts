/** The kit takes transports that lose, repeat and reorder, as long as their fixture says so. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { conformanceCases } from '../../../src/transports/conformance/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { PlainListener, type PlainTransport, plainFixture } from './plain-transport.ts'

const weather = suite('conformance: weather')

const random = seededRandom(20_260_101)

/** Of five messages one is lost and one comes twice; many come late. */
class BadWeather extends PlainListener {
  override later(deliver: () => void): void {
    const turns = Math.floor(random() * 4)
    const wait = (left: number): unknown => (left === 0 ? deliver() : setImmediate(() => wait(left - 1)))
    setImmediate(() => wait(turns))
  }

  override receive(text: string, from?: PlainTransport): void {
    const chance = random()
    if (chance > 0.2) super.receive(text, from)
    if (chance > 0.8) setImmediate(() => super.receive(text, from))
  }
}

const fixture = plainFixture((network, { address }) => new BadWeather(network, address), {
  name: 'bad weather',
  capabilities: {
    listens: true,
    addressable: true,
    canReopen: true,
    limited: true,
    reportsUnreachable: true,
    rpc: true,
    hello: true,
    sessions: true,
    bulk: true,
    lossy: true,
    duplicates: true,
  },
})

addConformanceTests(weather, fixture)

weather('without the weaknesses declared it fails', async () => {
  const { capabilities } = fixture
  const strict = { ...fixture, capabilities: { ...capabilities, lossy: false, duplicates: false } }
  const found = conformanceCases(strict).find(({ name }) => name === 'delivery: many peers write to each other at once')
  let message = ''
  await found?.run({ deadlineMs: 400 }).catch((error: Error) => (message = error.message))
  assert.match(message, /expected/)
})

weather.run()
