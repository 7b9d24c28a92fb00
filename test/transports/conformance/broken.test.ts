/** The kit itself: transports with one fault each, and the case that has to find it. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ConformanceError, conformanceCases } from '../../../src/transports/conformance/index.ts'
import { brokenBulk } from './broken-bulk.ts'
import { brokenDelivery } from './broken-delivery.ts'
import { brokenInTrouble } from './broken-in-trouble.ts'
import { brokenLife, endLeaks } from './broken-life.ts'
import { brokenSessions, endSessionLeaks } from './broken-sessions.ts'
import { plainFixture } from './plain-transport.ts'

const broken = suite('conformance: broken')

/** What is wrong shows at once, or when nothing has happened for this long. */
const DEADLINE_MS = 400

const BROKEN = [...brokenDelivery, ...brokenInTrouble, ...brokenLife, ...brokenSessions, ...brokenBulk]

broken.after.each(endLeaks)
broken.after.each(endSessionLeaks)

for (const { fault, found, says, broken: Broken, fixture } of BROKEN) {
  broken(`a transport that ${fault} fails '${found}'`, async () => {
    const cases = conformanceCases(plainFixture((network, { address }) => new Broken(network, address), fixture))
    const failing = cases.find(({ name }) => name === found)
    assert.ok(failing, 'there is such a case')
    let failure: unknown
    await failing.run({ deadlineMs: DEADLINE_MS }).catch((error: unknown) => (failure = error))
    assert.instance(failure, ConformanceError)
    assert.match((failure as Error).message, says)
  })
}

broken('every case but those that only repeat another is failed by some transport', () => {
  const found = new Set(BROKEN.map((each) => each.found))
  const unproven = conformanceCases(plainFixture()).flatMap(({ name }) => (found.has(name) ? [] : [name]))
  assert.equal(unproven, ['rpc: an odd address breaks nothing'])
})

broken.run()
