/** A server on TCP and WebSocket at once brings whoever only dials into the cluster, and the cluster to him. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type JsonValue } from '../../../src/core/index.ts'
import { TcpTransport } from '../../../src/tcp/index.ts'
import { BridgeTransport, WebSocketTransport } from '../../../src/transports/index.ts'

const browsers = suite('bridge: browsers')

const HOST = '127.0.0.1'
const OPTIONS = { gossipIntervalMs: 20 }

browsers('a node on TCP and one that dials a WebSocket have each other’s keys and hold each other live', async () => {
  const both = new BridgeTransport([
    new TcpTransport({ host: HOST, port: 0 }),
    new WebSocketTransport({ host: HOST, port: 0 }),
  ])
  const server = await new Gossipmonger({ id: 'server' }, { ...OPTIONS, transport: both }).start()
  const { also, ...tcp } = server.address as { readonly also: readonly JsonValue[] }
  const inside = new Gossipmonger(
    { id: 'inside' },
    { ...OPTIONS, transport: new TcpTransport({ host: HOST, port: 0 }), seeds: [tcp] },
  )
  const page = new Gossipmonger({ id: 'page' }, { ...OPTIONS, transport: new WebSocketTransport(), seeds: [...also] })
  const errors: Error[] = []
  for (const node of [server, inside, page]) node.on('error', (error) => errors.push(error))
  inside.set('from', 'the inside')
  page.set('from', 'a page')
  const met = Promise.all([meets(inside, 'page'), meets(page, 'inside')])
  await inside.start()
  await page.start()
  await met
  assert.is(inside.get('page', 'from'), 'a page')
  assert.is(page.get('inside', 'from'), 'the inside')
  assert.equal(errors, [], 'nobody tries to reach whom he cannot')
  for (const node of [page, inside, server]) await node.close({ leave: true })
})

function meets(node: Gossipmonger, id: string): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (node.get(id, 'from') !== undefined && node.livePeers().some((peer) => peer.id === id)) resolve()
    }
    node.on('update', look)
    node.on('peer live', look)
  })
}

browsers.run()
