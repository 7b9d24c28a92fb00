/** A bridge of two keeps the contract, whichever of the two carries a message. */

import { suite } from 'uvu'
import { isPlainObject, type JsonValue } from '../../../src/core/index.ts'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { addressesOf, BridgeTransport, withFaults } from '../../../src/transports/index.ts'
import { addConformanceTests } from '../../harness/conformance.ts'
import { memoryFixture, tcpFixture } from './fixtures.ts'

const bridge = suite('conformance: bridge')

/** TCP and memory; every second one has them the other way round, so that both are used. */
function bridgeFixture(): ConformanceFixture {
  const [memory, tcp] = [memoryFixture(), tcpFixture()]
  let made = 0
  return {
    ...tcp,
    name: 'a bridge of tcp and memory',
    // Each end of a session names the address of the transport that carries it, and not the bridge's.
    capabilities: { ...tcp.capabilities, sessions: false },
    malformedAddresses: [null, 7, {}, [], { host: '127.0.0.1' }],
    createTransport: async ({ id, role, address = null }) => {
      made++
      // TCP would take the network's own `memory:1` for a host and a port.
      const room = roomIn(address) ?? `room ${made}`
      const both = [
        await memory.createTransport({ id, role, address: room }),
        await tcp.createTransport({ id, role, address: portIn(address) }),
      ]
      return new BridgeTransport(made % 2 === 0 ? both : both.reverse())
    },
    injectGarbage: (address, bytes) => tcp.injectGarbage?.(portIn(address) ?? null, bytes),
  }
}

function roomIn(address: JsonValue): JsonValue | undefined {
  return addressesOf(address).find((each) => typeof each === 'string')
}

function portIn(address: JsonValue): JsonValue | undefined {
  return addressesOf(address).find((each) => isPlainObject(each) && each['port'] !== undefined)
}

function inFaults(fixture: ConformanceFixture): ConformanceFixture {
  return {
    ...fixture,
    name: `${fixture.name} behind no faults`,
    createTransport: async (request) => withFaults(await fixture.createTransport(request)),
  }
}

addConformanceTests(bridge, bridgeFixture())
addConformanceTests(bridge, inFaults(bridgeFixture()))

bridge.run()
