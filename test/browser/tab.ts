/** A tab of the browser with a gossip node in its page. */

import type { Browser, BrowserContext, Page } from 'playwright-core'
import type { JsonValue } from '../../src/core/index.ts'
import type { PageGlobals } from './page-globals.ts'
import { CLUSTER_ID, INTERVAL_MS, type Site } from './site.ts'

declare const gossip: PageGlobals['gossip']
declare const pageNode: PageGlobals['pageNode']

/** One tab, with cookies and storage of its own. */
export class Tab {
  readonly id: string
  readonly page: Page
  readonly #context: BrowserContext

  private constructor(id: string, page: Page, context: BrowserContext) {
    this.id = id
    this.page = page
    this.#context = context
  }

  /** Opens a tab and starts its node, which knows nobody but the site. */
  static async open(browser: Browser, site: Site, id: string): Promise<Tab> {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(site.pageUrl)
    const facts = { id, url: site.gossipUrl, clusterId: CLUSTER_ID, intervalMs: INTERVAL_MS }
    await page.evaluate(async ({ id: own, url, clusterId, intervalMs }) => {
      const { Gossipmonger, WebSocketTransport } = gossip
      const transport = new WebSocketTransport()
      const node = new Gossipmonger(
        { id: own },
        { transport, clusterId, gossipIntervalMs: intervalMs, seeds: [{ transport: { url } }] },
      )
      node.on('error', () => {})
      Object.assign(globalThis, { pageNode: node, pageTransport: transport })
      await pageNode.start()
      pageNode.set('name', own)
    }, facts)
    return new Tab(id, page, context)
  }

  /** Writes a key. */
  async set(key: string, value: JsonValue): Promise<void> {
    const text = JSON.stringify(value)
    await this.page.evaluate(([k, v]) => void pageNode.set(k, JSON.parse(v) as JsonValue), [key, text] as const)
  }

  /** Waits until the page's copy of a peer has this value. */
  async waitFor(peerId: string, key: string, value: JsonValue): Promise<void> {
    await this.page.waitForFunction(
      ([id, k, v]) => JSON.stringify(pageNode.get(id, k)) === v,
      [peerId, key, JSON.stringify(value)] as const,
      { polling: 20 },
    )
  }

  /** Says goodbye and goes. */
  async leave(): Promise<void> {
    await this.page.evaluate(() => pageNode.close({ leave: true }))
    await this.#context.close()
  }

  /** Is closed, as by a user. */
  async close(): Promise<void> {
    await this.#context.close()
  }
}
