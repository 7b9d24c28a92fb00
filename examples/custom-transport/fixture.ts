/** What the conformance kit has to know of the example: `gossipmonger conformance …/custom-transport/fixture.js`. */

import { MessageChannel, type MessagePort } from 'node:worker_threads'
import type { ConformanceFixture } from 'gossipmonger-engine/conformance'
import { PortTransport } from './port-transport.ts'
import { Switchboard } from './switchboard.ts'

const switchboard = new Switchboard()
const idlePorts: MessagePort[] = []
let count = 0

function newPort(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  switchboard.connect(port1)
  return port2
}

/** The fixture. */
export const fixture: ConformanceFixture = {
  name: 'worker ports',
  capabilities: { listens: true, addressable: true, ordered: true, limited: true, reportsUnreachable: true },
  createTransport: ({ address }) =>
    new PortTransport(newPort(), typeof address === 'string' ? address : `port:${++count}`),
  malformedAddresses: [null, 7, '', {}],
  // A thread that has joined and hangs: it never reads what is posted to it.
  silentAddress: () => {
    const port = newPort()
    idlePorts.push(port)
    port.postMessage({ type: 'join', address: 'port:idle' })
    return 'port:idle'
  },
  close: () => {
    for (const port of idlePorts.splice(0)) port.close()
  },
}
