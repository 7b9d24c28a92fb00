/** Real nodes over real packets of 1,200 bytes: long names, many keys, and nothing larger ever on the wire. */

import { Socket } from 'node:dgram'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger } from '../../../src/core/index.ts'
import { UdpTransport } from '../../../src/transports/index.ts'
import { HOST, until } from './loopback.ts'

const cluster = suite('udp: cluster')

const NODES = 5
const KEYS_EACH = 40
const PACKET_BYTES_MAX = 1_200

let largest = 0
let packets = 0
const { send } = Socket.prototype
const nodes: Gossipmonger[] = []

cluster.before.each(() => {
  largest = 0
  packets = 0
  // Everything that leaves goes through here, whoever sends it.
  Socket.prototype.send = function (this: Socket, packet: Uint8Array, ...rest: unknown[]): void {
    largest = Math.max(largest, packet.length)
    packets++
    Reflect.apply(send, this, [packet, ...rest])
  } as Socket['send']
})

cluster.after.each(async () => {
  await Promise.all(nodes.splice(0).map((node) => node.close()))
  Socket.prototype.send = send
})

async function started(id: string, keys: readonly { key: string }[] | undefined): Promise<Gossipmonger> {
  const transport = new UdpTransport({ host: HOST, port: 0, keys, packetBytesMax: PACKET_BYTES_MAX })
  const seeds = nodes[0] === undefined ? [] : [nodes[0].address ?? null]
  const node = new Gossipmonger({ id }, { transport, gossipIntervalMs: 50, seeds })
  nodes.push(node)
  await node.start()
  return node
}

/** Whether every node has every key of every node, and its latest value. */
function hasAgreed(value: (id: string, k: number) => string): boolean {
  return nodes.every((node) =>
    nodes.every(({ id }) => {
      const entries = node.entries(id)
      return entries.size === KEYS_EACH && [...entries].every(([key, is]) => is === value(id, Number(key.slice(4))))
    }),
  )
}

for (const [name, keys] of [
  ['plain', undefined],
  ['encrypted', [{ key: '7a'.repeat(32) }]],
] as const) {
  cluster(`five nodes with long names agree on 200 keys, and no packet is over the limit (${name})`, async () => {
    const errors: unknown[] = []
    for (let i = 0; i < NODES; i++) {
      const node = await started(`node ${i} ${'long name '.repeat(12)}`, keys)
      node.on('error', (error) => errors.push(error))
      for (let k = 0; k < KEYS_EACH; k++) node.set(`key ${k}`, `${i} ${k} ${'value '.repeat(10)}`)
    }
    const indexOf = (id: string): string => id.charAt(5)
    await until('all agree', () => hasAgreed((id, k) => `${indexOf(id)} ${k} ${'value '.repeat(10)}`))
    for (const [i, node] of nodes.entries())
      for (let k = 0; k < KEYS_EACH; k++) node.set(`key ${k}`, `${i} changed ${k}`)
    await until('all agree on what has changed', () => hasAgreed((id, k) => `${indexOf(id)} changed ${k}`))
    await until('all know each other', () => nodes.every((node) => node.livePeers().length === NODES - 1))
    assert.ok(packets > 100 && largest <= PACKET_BYTES_MAX, `${packets} packets, the largest of ${largest} bytes`)
    assert.ok(largest > PACKET_BYTES_MAX / 2, 'packets were used to the full, so the limit was felt')
    assert.equal(errors, [])
  })
}

cluster.run()
