/** Messages over transports that are made of others: relays and bridges. */

import { suite } from 'uvu'
import { addCases } from './add-cases.ts'
import { bridgeCarrier, relayCarrier, tcpCarrier, websocketCarrier } from './carrier.ts'

const overTcp = suite('messaging over a relay over tcp')
const overWebsocket = suite('messaging over a relay over websocket')
const bridge = suite('messaging over a bridge')

addCases(overTcp, () => relayCarrier(tcpCarrier()))
addCases(overWebsocket, () => relayCarrier(websocketCarrier()))
addCases(bridge, bridgeCarrier)

overTcp.run()
overWebsocket.run()
bridge.run()
