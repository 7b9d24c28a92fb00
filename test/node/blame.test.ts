/** A message that only the engine can see through costs whoever sent it the connection, and a place in the node's good books. */

import { connect } from 'node:net'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type GossipError, Gossipmonger } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'

const blame = suite('blame')

const STRANGER = '127.0.0.66'
const BAD = `${JSON.stringify({ digest: {}, sender: { id: 'x', transport: { host: '127.0.0.1', port: 1 } } })}\r\n`

/** Sends lines on one connection, and resolves when the other side has ended it. */
function send(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress: STRANGER }, () => socket.write(text))
    socket.on('error', () => {}).on('close', () => resolve())
    socket.resume()
  })
}

blame('a digest without sense ends its connection, and many of them keep their sender out', async () => {
  const transport = new TcpTransport({ host: '127.0.0.1', port: 0, offencePointsMax: 45, banMs: 60_000 })
  const node = new Gossipmonger({ id: 'a' }, { transport })
  const codes: string[] = []
  node.on('error', (error) => codes.push((error as GossipError).code))
  try {
    await node.start()
    const { port } = node.address as { port: number }
    for (let i = 0; i < 5; i++) await send(port, BAD.repeat(3))
    const malformed = codes.filter((code) => code === 'GOSSIP_MESSAGE_MALFORMED')
    assert.is(malformed.length, 5, 'what stood behind it was not read')
    assert.is(codes.at(-1), 'GOSSIP_PEER_BANNED')
    await send(port, BAD)
    assert.is(codes.length, 6)
  } finally {
    await node.close()
  }
})

blame.run()
