/** Messages and streams between pages of a real browser, and between a page and a node on this side. */

import type { Browser, BrowserContext, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Gossipmonger, type Transport } from '../../src/core/index.ts'
import { Messenger } from '../../src/messaging/index.ts'
import { RelayTransport, WebSocketTransport } from '../../src/transports/index.ts'
import { leaveOut } from '../harness/left-out.ts'
import { reasonWithoutBrowser, startBrowser } from './chromium.ts'
import type { PageGlobals } from './page-globals.ts'
import { CLUSTER_ID, INTERVAL_MS, pageBundle, Site } from './site.ts'

declare const gossip: PageGlobals['gossip']
declare const pageNode: PageGlobals['pageNode']
declare const pageMessenger: PageGlobals['pageMessenger']

const messaging = suite('browser: messaging')

/** How much a page streams there and back, bytes. */
const STREAM_BYTES = 4_194_304

let browser: Browser
let site: Site
const opened: { close(): Promise<void> }[] = []

/** A node on this side with a messenger, that pages dial. */
class Host {
  readonly node: Gossipmonger
  readonly messenger: Messenger

  private constructor(transport: Transport) {
    this.node = new Gossipmonger({ id: 'host' }, { transport, clusterId: CLUSTER_ID, gossipIntervalMs: INTERVAL_MS })
    this.messenger = new Messenger(this.node)
    this.node.on('error', () => {})
  }

  static async open(transport: Transport): Promise<Host> {
    const host = new Host(transport)
    opened.push(host)
    await host.node.start()
    return host
  }

  get url(): string {
    return (this.node.address as { readonly url: string }).url
  }

  async close(): Promise<void> {
    await this.messenger.close()
    await this.node.close()
  }
}

const listening = (): WebSocketTransport => new WebSocketTransport({ host: '127.0.0.1', port: 0 })

/** A tab whose page is a node with a messenger, and knows nobody but the host; behind it, where the host is a relay. */
async function openTab(id: string, host: Host, isBehind: boolean): Promise<Page> {
  const context: BrowserContext = await browser.newContext()
  opened.push(context)
  const page = await context.newPage()
  await page.goto(site.pageUrl)
  const facts = { id, url: host.url, isBehind, clusterId: CLUSTER_ID, intervalMs: INTERVAL_MS }
  await page.evaluate(async ({ id: own, url, isBehind: behind, clusterId, intervalMs }) => {
    const { Gossipmonger: Node, Messenger: PageMessenger, RelayTransport: Relay, WebSocketTransport: Socket } = gossip
    const transport = behind ? new Relay({ carrier: new Socket(), relay: { url } }) : new Socket()
    const seeds = [{ transport: { url } }]
    const node = new Node({ id: own }, { transport, clusterId, gossipIntervalMs: intervalMs, seeds })
    const messenger = new PageMessenger(node)
    node.on('error', () => {})
    messenger.handle('who', (_, { from }) => `${own}, asked by ${from}`)
    messenger.onChannel('echo', (channel) => channel.readable.pipeTo(channel.writable))
    Object.assign(globalThis, { pageNode: node, pageMessenger: messenger })
    await node.start()
  }, facts)
  return page
}

/** Waits until a page holds a peer live. */
async function meets(page: Page, id: string): Promise<void> {
  await page.waitForFunction((peer) => pageNode.peer(peer)?.status === 'live', id, { polling: 20 })
}

function ask(page: Page, peer: string, name: string): Promise<unknown> {
  return page.evaluate(([to, what]) => pageMessenger.request(to, what), [peer, name] as const)
}

/** Streams bytes from a page to a peer's echo and back; tells how many came back, and how many of them were wrong. */
function echo(page: Page, peer: string, bytes: number): Promise<{ readonly bytes: number; readonly wrong: number }> {
  return page.evaluate(
    async ([to, all]) => {
      const channel = await pageMessenger.channel(to, 'echo')
      const chunks = all / 65_536
      const writing = (async () => {
        const writer = channel.writable.getWriter()
        for (let i = 0; i < chunks; i++) await writer.write(new Uint8Array(65_536).fill(i))
        await writer.close()
      })()
      const reader = channel.readable.getReader()
      const seen = { bytes: 0, wrong: 0 }
      for (let got = await reader.read(); !got.done; got = await reader.read()) {
        for (const byte of got.value) if (byte !== (seen.bytes++ >> 16) % 256) seen.wrong++
      }
      await writing
      return seen
    },
    [peer, bytes] as const,
  )
}

messaging.before(async () => {
  if (reasonWithoutBrowser() !== undefined) return
  browser = await startBrowser()
  site = await Site.open(await pageBundle())
})

messaging.after(async () => {
  await browser?.close()
  await site?.close()
})

messaging.after.each(async () => {
  // Tabs first: their sessions end while the host is there.
  await Promise.all(
    opened
      .splice(0)
      .reverse()
      .map((each) => each.close()),
  )
})

const TESTS: Readonly<Record<string, () => Promise<void>>> = {
  async 'S5.7 a page and a node ask each other, and failures keep their codes'() {
    const host = await Host.open(listening())
    host.messenger.handle('who', (_, { from }) => `host, asked by ${from}`)
    host.messenger.handle('fail', () => {
      throw Object.assign(new Error('none left'), { code: 'ACME_STOCK_EMPTY' })
    })
    const page = await openTab('ada', host, false)
    await meets(page, 'host')
    assert.is(await ask(page, 'host', 'who'), 'host, asked by ada')
    assert.is(await host.messenger.request('ada', 'who'), 'ada, asked by host')
    const code = await page.evaluate(async () => {
      return pageMessenger.request('host', 'fail').catch((error: { readonly code: string }) => error.code)
    })
    assert.is(code, 'ACME_STOCK_EMPTY')
  },

  async 'S5.22 a page streams megabytes to a node and back, and a node to a page'() {
    const host = await Host.open(listening())
    host.messenger.onChannel('echo', (channel) => channel.readable.pipeTo(channel.writable))
    const page = await openTab('ada', host, false)
    await meets(page, 'host')
    assert.equal(await echo(page, 'host', STREAM_BYTES), { bytes: STREAM_BYTES, wrong: 0 })
    const stream = await host.messenger.stream('ada', 'echo')
    stream.end(Buffer.alloc(300_000, 5))
    let bytes = 0
    for await (const chunk of stream) bytes += (chunk as Buffer).filter((byte) => byte === 5).length
    assert.is(bytes, 300_000)
  },

  async 'S5.1 S5.10 two tabs ask each other and stream through a relay, which is a peer of both'() {
    const host = await Host.open(new RelayTransport({ carrier: listening(), relay: true }))
    host.messenger.handle('who', () => 'host')
    const [ada, bob] = [await openTab('ada', host, true), await openTab('bob', host, true)]
    await Promise.all([meets(ada, 'bob'), meets(bob, 'ada')])
    assert.is(await ask(ada, 'bob', 'who'), 'bob, asked by ada')
    assert.is(await ask(bob, 'ada', 'who'), 'ada, asked by bob')
    assert.equal(await echo(ada, 'bob', STREAM_BYTES / 4), { bytes: STREAM_BYTES / 4, wrong: 0 })
    assert.is(await ask(ada, 'host', 'who'), 'host')
    // Both are registered, so the relay needs nothing of them before it asks.
    assert.is(await host.messenger.request('bob', 'who'), 'bob, asked by host')
  },

  async 'S5.5 a tab that is closed takes with it what is pending'() {
    const host = await Host.open(listening())
    const page = await openTab('ada', host, false)
    await meets(page, 'host')
    const asked = page.evaluate(() => {
      return new Promise<void>((resolve) => {
        pageMessenger.handle('hang', () => {
          resolve()
          return new Promise(() => {})
        })
        void pageMessenger.send('host', 'here I am')
      })
    })
    host.messenger.handle('here I am', (_, { from }) => {
      pending = host.messenger.request(from, 'hang', null, { timeoutMs: 10_000_000 }).catch((error: unknown) => error)
    })
    let pending: Promise<unknown> | undefined
    await asked
    await page.context().close()
    const error = (await pending) as { readonly code?: string }
    assert.match(error.code ?? '', /^GOSSIP_SESSION_(CLOSED|LOST)$/)
  },
}

const reason = reasonWithoutBrowser()
for (const [name, run] of Object.entries(TESTS)) {
  if (reason === undefined) messaging(name, run)
  else leaveOut(messaging, name, reason)
}

messaging.run()
