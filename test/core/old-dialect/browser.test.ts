/** What pages load in place of the old dialect does what the whole of it does where old peers are not accepted. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, type JsonValue, resolveEngineOptions } from '../../../src/core/index.ts'
import { OldDialect as RefusingDialect } from '../../../src/core/old-dialect/browser.ts'
import { OldDialect } from '../../../src/core/old-dialect/index.ts'

const browser = suite('old dialect in browsers')

const REMOTE = { id: 'other', transport: 'there' }
const FLAT = {
  id: 'other',
  maxVersionSeen: 1,
  transport: 'there',
  generation: 7,
  clusterId: 'gossipmonger',
  flat: true,
}
const MESSAGES: readonly (readonly ['digest' | 'deltas', JsonValue])[] = [
  ['digest', [{ id: 'other', maxVersionSeen: 1, transport: 'there' }]],
  ['digest', [FLAT]],
  ['digest', [{ ...FLAT, clusterId: 'elsewhere' }]],
  ['digest', [{ ...FLAT, generation: -1 }]],
  ['digest', [{ ...FLAT, id: 'me' }]],
  ['digest', 7],
  ['deltas', [['other', 'color', 'red', 1]]],
  ['deltas', [['other', 'color']]],
  ['deltas', [{ id: 'other' }]],
]

/** What becomes of each message: who took it, what was told and what went out. */
function outcomes(Dialect: typeof OldDialect | typeof RefusingDialect): unknown {
  const options = { ...resolveEngineOptions({}), isAccepted: false, messageBytesMax: undefined, wallClockMs: () => 9 }
  const engine = new Engine({ id: 'me', generation: 5, options, random: () => 0.5 })
  const dialect = new Dialect(engine, options)
  engine.start({ generation: 5, transport: 'here' }, 0)
  return MESSAGES.map(([kind, message], now) => {
    const isTaken =
      kind === 'digest' ? dialect.receiveDigest(REMOTE, message, now) : dialect.receiveDeltas(REMOTE, message, now)
    const told = engine.takeEvents().map((event) => (event.type === 'error' ? event.error : event.type))
    const sent = engine.takeMessages().flatMap((each) => dialect.translate(each, now))
    return [kind, message, isTaken, told.map(String), sent.map(({ to, payload }) => [to, payload])]
  })
}

browser('refuses and answers as the whole does where old peers are not accepted', () => {
  const whole = outcomes(OldDialect)
  assert.equal(outcomes(RefusingDialect), whole)
  for (const part of ['npm gossipmonger', 'elsewhere', '"step":1', 'malformed']) {
    assert.ok(JSON.stringify(whole).includes(part), `${part} occurs`)
  }
})

browser('does not pretend to accept them', () => {
  const options = { ...resolveEngineOptions({}), isAccepted: true, messageBytesMax: undefined, wallClockMs: () => 9 }
  const engine = new Engine({ id: 'me', generation: 5, options, random: () => 0.5 })
  assert.throws(
    () => new RefusingDialect(engine, options),
    (error: { code: string }) => error.code === 'GOSSIP_OPTION_INVALID',
  )
})

browser.run()
