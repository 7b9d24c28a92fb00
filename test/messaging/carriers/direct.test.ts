/** Messages over transports that reach their peers by themselves. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { failureOf } from '../cluster.ts'
import { addCases, withGathering } from './add-cases.ts'
import { memoryCarrier, tcpCarrier, tlsCarrier, websocketCarrier } from './carrier.ts'
import { until } from './gathering.ts'

const memory = suite('messaging over memory')
const tcp = suite('messaging over tcp')
const tls = suite('messaging over mutual tls')
const websocket = suite('messaging over websocket')

addCases(memory, memoryCarrier)
addCases(tcp, tcpCarrier)
addCases(tls, tlsCarrier)
addCases(websocket, websocketCarrier)

websocket('who only dials is asked on the session that it opened; before that it is refused with a code', () =>
  withGathering(websocketCarrier(), async ({ hub, near }) => {
    near.messenger.handle('who', () => 'ada')
    assert.is((await failureOf(hub.messenger.request('ada', 'who'))).code, 'GOSSIP_ADDRESS_MALFORMED')
    hub.messenger.handle('here I am', () => {})
    await near.messenger.send('hub', 'here I am')
    await until('the session', () => hub.messenger.stats.sessions === 1)
    assert.is(await hub.messenger.request('ada', 'who'), 'ada')
  }),
)

memory.run()
tcp.run()
tls.run()
websocket.run()
