/** Fixtures of the UDP transport: at free ports of the loopback interface, in packets of the default size. */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isPlainObject, type JsonValue } from '../../../src/core/index.ts'
import type { ConformanceFixture } from '../../../src/transports/conformance/index.ts'
import { type UdpOptions, UdpTransport } from '../../../src/transports/index.ts'

const QUEUE_BYTES_MAX = 1_048_576
const HOST = '127.0.0.1'

/** @param options - beside host, port and small limits */
export function udpFixture(name = 'udp', options: UdpOptions = {}): ConformanceFixture {
  const mutes: Socket[] = []
  return {
    name,
    capabilities: {
      listens: true,
      addressable: true,
      canReopen: false,
      ordered: false,
      limited: true,
      reportsUnreachable: true,
      rpc: false,
      hello: true,
      // What arrives faster than it is read is dropped by the system.
      lossy: true,
      newestWins: true,
    },
    createTransport: ({ address }) =>
      new UdpTransport({
        host: HOST,
        port: portOf(address),
        handshakeTimeoutMs: 1_000,
        queueBytesMax: QUEUE_BYTES_MAX,
        outboundBytesMax: 2 * QUEUE_BYTES_MAX,
        ...options,
      }),
    malformedAddresses: [null, 7, {}, [], 'nowhere', '127.0.0.1:9742', { url: 'udp://127.0.0.1' }, 'udp://a b:1'],
    silentAddress: async () => {
      const mute = createSocket('udp4')
      mutes.push(mute)
      mute.bind(0, HOST)
      await once(mute, 'listening')
      return { url: `udp://${HOST}:${mute.address().port}` }
    },
    injectGarbage: (address, bytes) => sendRaw(portOf(address), bytes),
    queueBytesMax: 2 * QUEUE_BYTES_MAX,
    close: async () => {
      await Promise.all(mutes.splice(0).map((mute) => new Promise<void>((resolve) => mute.close(resolve))))
    },
  }
}

function portOf(address: JsonValue | undefined): number {
  return isPlainObject(address) ? Number(String(address['url']).split(':').at(-1)) : 0
}

async function sendRaw(port: number, bytes: Uint8Array): Promise<void> {
  const socket = createSocket('udp4')
  await new Promise((resolve) => socket.send(bytes, port, HOST, resolve))
  await new Promise<void>((resolve) => socket.close(resolve))
}
