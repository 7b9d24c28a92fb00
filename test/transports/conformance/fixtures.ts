/** Fixtures of the transports that this project comes with. */

import { connect } from 'node:net'
import { isPlainObject, type JsonValue } from '../../../src/core/index.ts'
import { type TcpOptions, TcpTransport } from '../../../src/tcp/index.ts'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { MemoryNetwork } from '../../../src/transports/index.ts'
import { MuteServers } from './mute-servers.ts'

const QUEUE_BYTES_MAX = 4_194_304
const HOST = '127.0.0.1'

/** Transports of one memory network. */
export function memoryFixture(): ConformanceFixture {
  const network = new MemoryNetwork({ maxMessageBytes: 1_048_576, inFlightBytesMax: QUEUE_BYTES_MAX })
  return {
    name: 'memory',
    capabilities: {
      listens: true,
      addressable: true,
      canReopen: true,
      ordered: true,
      limited: true,
      reportsUnreachable: true,
      rpc: true,
      hello: true,
      sessions: true,
      bulk: true,
    },
    createTransport: ({ address }) => network.transport(address as string | undefined),
    malformedAddresses: [null, 7, {}, ['memory:1']],
    queueBytesMax: QUEUE_BYTES_MAX,
  }
}

/**
 * Transports at free ports of the loopback interface.
 *
 * @param optionsOf - what the transport of an id is made with beyond that
 */
export function tcpFixture(optionsOf: (id: string) => TcpOptions = () => ({})): ConformanceFixture {
  const mutes = new MuteServers()
  return {
    name: 'tcp',
    capabilities: {
      listens: true,
      addressable: true,
      canReopen: false,
      // Of two connections that were dialled at once one is given up, and what comes on the other may be read first.
      ordered: false,
      limited: true,
      reportsUnreachable: true,
      rpc: true,
      hello: true,
      sessions: true,
      bulk: true,
      newestWins: true,
    },
    createTransport: ({ id, address }) =>
      new TcpTransport({
        ...optionsOf(id),
        host: HOST,
        port: portOf(address),
        frameBytesMax: 1_048_576,
        queueBytesMax: QUEUE_BYTES_MAX,
        outboundBytesMax: 2 * QUEUE_BYTES_MAX,
      }),
    malformedAddresses: [null, 7, {}, [], 'nowhere', '127.0.0.1:70000', { host: HOST }, { host: 'a b', port: 1 }],
    silentAddress: async () => ({ host: HOST, port: await mutes.open() }),
    injectGarbage: (address, bytes) => dialAndSend(portOf(address), bytes),
    queueBytesMax: 2 * QUEUE_BYTES_MAX,
    close: () => mutes.close(),
  }
}

function portOf(address: JsonValue | undefined): number {
  return isPlainObject(address) ? Number(address['port']) : 0
}

/** Sends bytes and the end, and waits until the other side has ended too. */
async function dialAndSend(port: number, bytes: Uint8Array): Promise<void> {
  const socket = connect({ port, host: HOST })
  socket.on('error', () => {}) // To be dropped is a fair answer to garbage.
  socket.resume()
  socket.end(bytes)
  await new Promise((resolve) => socket.on('close', resolve))
}
