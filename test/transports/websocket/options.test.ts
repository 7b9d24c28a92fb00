import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { jsonCodec, type WebSocketOptions, WebSocketTransport } from '../../../src/transports/index.ts'
import { GossipWebSocketTransport } from '../../../src/transports/websocket/index.ts'

const options = suite('websocket: options')

/** The option that is named by the refusal. */
function refused(given: unknown): string {
  try {
    new WebSocketTransport(given as WebSocketOptions)
  } catch (error) {
    const { code, option } = error as { code: string; option: string }
    assert.is(code, 'GOSSIP_OPTION_INVALID')
    return option
  }
  return 'none'
}

options('what is unknown or out of range is refused by its name', () => {
  assert.is(refused(7), 'options')
  assert.is(refused({ prot: 1 }), 'options.prot')
  assert.is(refused({ port: 65_536 }), 'port')
  assert.is(refused({ port: 0, host: 'a b' }), 'host')
  assert.is(refused({ port: 0, path: 'gossip' }), 'path')
  assert.is(refused({ port: 0, path: '/a?b' }), 'path')
  assert.is(refused({ url: 'http://localhost:1/' }), 'url')
  assert.is(refused({ port: 0, origins: ['example.org'] }), 'origins')
  assert.is(refused({ port: 0, origins: ['https://example.org/'] }), 'origins')
  assert.is(refused({ port: 0, trustedProxies: ['10.0.0.0/33'] }), 'trustedProxies')
  assert.is(refused({ port: 0, trustedProxies: ['proxy.example'] }), 'trustedProxies')
  assert.is(refused({ port: 0, inboundConnectionsMax: 0 }), 'inboundConnectionsMax')
  assert.is(refused({ pingIntervalMs: 0 }), 'pingIntervalMs')
  assert.is(refused({ codec: { name: 'A B' } }), 'codec')
  assert.is(refused({ server: {} }), 'server')
  assert.is(refused({ session: { windowBytes: 1 } }), 'windowBytes')
})

options('what contradicts something else is refused', () => {
  assert.is(refused({ messageBytesMax: jsonCodec.overheadBytesMax + 1_023 }), 'messageBytesMax')
  assert.is(refused({ queueBytesMax: 4 * 2 ** 20 - 1 }), 'queueBytesMax')
  assert.is(refused({ inboundBytesMax: 4 * 2 ** 20 - 1, port: 0 }), 'inboundBytesMax')
  assert.is(refused({ redialDelayMs: 500, redialDelayMsMax: 400 }), 'redialDelayMsMax')
  assert.is(refused({ host: 'localhost' }), 'host')
  assert.is(refused({ origins: [] }), 'origins')
  assert.is(refused({ url: 'wss://localhost:1/' }), 'tls')
  assert.is(refused({ port: 0, tls: { ca: 'x' } }), 'tls')
  assert.is(refused({ port: 0, tls: { cert: 'x', key: 'x', requireClientCert: true } }), 'tls.ca')
})

options('plain text beyond this machine has to be asked for', () => {
  assert.is(refused({ port: 0, host: '192.0.2.1' }), 'plainText')
  assert.is(refused({ url: 'ws://example.org:1/' }), 'plainText')
  assert.is(refused({ port: 0, host: '192.0.2.1', plainText: true }), 'none')
  for (const host of ['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]'])
    assert.is(refused({ port: 0, host }), 'none')
})

options('whoever listens at every address says which one to tell others', () => {
  for (const host of ['0.0.0.0', '::']) {
    assert.is(refused({ port: 0, host, plainText: true }), 'url')
    assert.is(refused({ port: 0, host, plainText: true, url: 'wss://example.org/' }), 'none')
  }
})

options('a browser has only what dials', () => {
  assert.throws(
    () => new GossipWebSocketTransport({ port: 0 } as object),
    (error: { option?: string }) => error.option === 'options.port',
  )
})

options('the largest payload is what the envelope leaves of a message', () => {
  const transport = new WebSocketTransport({ messageBytesMax: 100_000 })
  assert.is(transport.maxMessageBytes, 100_000 - jsonCodec.overheadBytesMax)
})

options.run()
