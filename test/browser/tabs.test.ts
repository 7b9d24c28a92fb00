/** Nodes in the pages of a real browser, and one at the server the pages come from. */

import type { Browser } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { JsonValue } from '../../src/core/index.ts'
import { leaveOut } from '../harness/left-out.ts'
import { reasonWithoutBrowser, startBrowser } from './chromium.ts'
import type { PageGlobals } from './page-globals.ts'
import { pageBundle, Site } from './site.ts'
import { Tab } from './tab.ts'

declare const pageNode: PageGlobals['pageNode']
declare const pageTransport: PageGlobals['pageTransport']

const tabs = suite('browser: tabs')

let browser: Browser
let script: string
const opened: { close(): Promise<void> }[] = []

async function openSite(port?: number): Promise<Site> {
  const site = await Site.open(script, port)
  opened.push(site)
  return site
}

async function openTab(site: Site, id: string): Promise<Tab> {
  const tab = await Tab.open(browser, site, id)
  opened.push(tab)
  return tab
}

/** Waits for a node on this side, as long as it takes; the runner has a deadline. */
async function until(site: Site, isTrue: () => boolean): Promise<void> {
  if (isTrue()) return
  await new Promise<void>((resolve) => {
    const look = (): void => {
      if (isTrue()) resolve()
    }
    for (const event of ['update', 'delete', 'new peer', 'peer live', 'peer dead', 'peer left'] as const) {
      site.node.on(event, look)
    }
  })
}

const has = (site: Site, id: string, key: string, value: JsonValue) => (): boolean =>
  JSON.stringify(site.node.get(id, key)) === JSON.stringify(value)

const isListed = (peers: readonly { readonly id: string }[], id: string): boolean =>
  peers.some((peer) => peer.id === id)

tabs.before(async () => {
  if (reasonWithoutBrowser() !== undefined) return
  script = await pageBundle()
  browser = await startBrowser()
})

tabs.after(async () => {
  await browser?.close()
})

tabs.after.each(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()))
})

const TESTS: Readonly<Record<string, () => Promise<void>>> = {
  async 'two tabs and a server replicate their keys to one another'() {
    const site = await openSite()
    const [ada, bob] = [await openTab(site, 'ada'), await openTab(site, 'bob')]
    site.node.set('motd', { text: 'grüß dich 雪' })
    await ada.set('cursor', [1, 2.5, null])
    await ada.waitFor('site', 'motd', { text: 'grüß dich 雪' })
    await bob.waitFor('site', 'motd', { text: 'grüß dich 雪' })
    // From tab to tab everything goes through the server: neither can dial the other.
    await bob.waitFor('ada', 'cursor', [1, 2.5, null])
    await ada.waitFor('bob', 'name', 'bob')
    await until(site, has(site, 'ada', 'cursor', [1, 2.5, null]))
    await until(site, () => isListed(site.node.livePeers(), 'ada') && isListed(site.node.livePeers(), 'bob'))
    assert.is(site.transport.stats.inboundConnections, 2)
    assert.is(site.transport.stats.outboundConnections, 0)
    assert.not.ok(site.node.peers().some(({ transport }) => transport !== null && transport !== undefined))
  },

  async 'a tab that is closed is found dead, one that says goodbye has left'() {
    const site = await openSite()
    const [ada, bob, eve] = [await openTab(site, 'ada'), await openTab(site, 'bob'), await openTab(site, 'eve')]
    await until(site, () => ['ada', 'bob', 'eve'].every((id) => isListed(site.node.livePeers(), id)))
    await eve.waitFor('ada', 'name', 'ada')
    opened.splice(opened.indexOf(ada), 1)
    await ada.close()
    await until(site, () => isListed(site.node.deadPeers(), 'ada'))
    // What the closed tab wrote stays until the grace is over.
    assert.is(site.node.get('ada', 'name'), 'ada')
    opened.splice(opened.indexOf(bob), 1)
    await bob.leave()
    await until(site, () => site.node.peers().some(({ id, status }) => id === 'bob' && status === 'left'))
    await eve.page.waitForFunction(
      () => pageNode.peers().some(({ id, status }) => id === 'bob' && status === 'left'),
      undefined,
      { polling: 20 },
    )
    assert.ok(isListed(site.node.livePeers(), 'eve'))
  },

  async 'when the server restarts the tabs come back by themselves'() {
    const site = await openSite()
    const [ada, bob] = [await openTab(site, 'ada'), await openTab(site, 'bob')]
    await ada.waitFor('bob', 'name', 'bob')
    const { port } = site
    opened.splice(opened.indexOf(site), 1)
    await site.close()
    await ada.set('while away', true)
    const again = await openSite(port)
    again.node.set('life', 2)
    await ada.waitFor('site', 'life', 2)
    await bob.waitFor('site', 'life', 2)
    await bob.waitFor('ada', 'while away', true)
    await until(again, has(again, 'ada', 'while away', true))
  },

  async 'a page opens a session and uses frames and channels'() {
    const site = await openSite()
    site.transport.on('session', (session) => {
      session.on('frame', (frame) => void session.send(frame))
      session.on('channel', (offer) => {
        const { readable, writable } = offer.accept()
        readable.pipeTo(writable).catch(() => {})
      })
    })
    const { page } = await openTab(site, 'ada')
    const echoed = await page.evaluate(async (url) => {
      const session = await pageTransport.connect({ id: 'site', transport: { url } })
      const frame = new Promise<number>((resolve) => {
        session.on('frame', (bytes) => resolve(bytes.reduce((sum, byte) => sum + byte, 0)))
      })
      session.send(new Uint8Array(100_000).fill(7))
      const channel = await session.open({ what: 'echo' })
      const writer = channel.writable.getWriter()
      const writing = (async () => {
        for (let i = 0; i < 32; i++) await writer.write(new Uint8Array(65_536).fill(i))
        await writer.close()
      })()
      const reader = channel.readable.getReader()
      let bytes = 0
      let sum = 0
      for (let got = await reader.read(); !got.done; got = await reader.read()) {
        bytes += got.value.length
        for (const byte of got.value) sum += byte
      }
      await writing
      return { frame: await frame, bytes, sum }
    }, site.gossipUrl)
    assert.equal(echoed, { frame: 700_000, bytes: 32 * 65_536, sum: (31 * 32 * 65_536) / 2 })
  },
}

const reason = reasonWithoutBrowser()
for (const [name, run] of Object.entries(TESTS)) {
  if (reason === undefined) tabs(name, run)
  else leaveOut(tabs, name, reason)
}

tabs.run()
