import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { parseWebSocketUrl, urlsOf } from '../../../src/transports/websocket/index.ts'

const address = suite('websocket: address')

address('a url is brought into its normal form', () => {
  assert.is(parseWebSocketUrl('ws://EXAMPLE.org:80'), 'ws://example.org/')
  assert.is(parseWebSocketUrl('WSS://example.org/a/../b?c=d'), 'wss://example.org/b?c=d')
  assert.is(parseWebSocketUrl('ws://[::1]:8080/'), 'ws://[::1]:8080/')
})

address('what browsers refuse, and what is no url for WebSockets, is none', () => {
  const urls = ['', 'ws://', 'ws:///x', 'http://a/', 'ws://a/#b', 'ws://u:p@a/', 'ws://u@a/', ' ws://a/', 'ws://a b/']
  for (const url of [...urls, 'ws://a/\n', 'ws://a:70000/', `ws://a/${'x'.repeat(1_024)}`, null, 7, {}]) {
    assert.is(parseWebSocketUrl(url), undefined, String(url))
  }
})

address('an address is a url, an object with one, or has one beside it', () => {
  assert.equal(urlsOf('ws://a:1/'), ['ws://a:1/'])
  assert.equal(urlsOf({ url: 'ws://a:1/' }), ['ws://a:1/'])
  assert.equal(urlsOf({ host: 'a', port: 1, also: ['udp:7', { url: 'ws://a:2' }, 'wss://b/'] }), [
    'ws://a:2/',
    'wss://b/',
  ])
})

address('anything else cannot be dialled', () => {
  for (const odd of [undefined, null, 7, [], {}, { url: 7 }, { also: 7 }, { url: { url: 'ws://a/' } }]) {
    assert.equal(urlsOf(odd), [])
  }
})

address.run()
