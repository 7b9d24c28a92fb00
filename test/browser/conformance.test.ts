/** The kit's cases about diallers, with the diallers in a page of a real browser. */

import type { Browser } from 'playwright-core'
import { suite } from 'uvu'
import { type ConformanceFixture, conformanceCases } from '../../src/transports/conformance/index.ts'
import { leaveOut } from '../harness/left-out.ts'
import { LIMITS, websocketFixture } from '../transports/conformance/websocket-fixture.ts'
import { reasonWithoutBrowser, startBrowser } from './chromium.ts'
import { PageTransports } from './page-transports.ts'
import { pageBundle, Site } from './site.ts'

const conformance = suite('browser: conformance')

let browser: Browser | undefined
let site: Site | undefined
let transports: PageTransports | undefined

const onNode = websocketFixture()
const fixture: ConformanceFixture = {
  ...onNode,
  name: 'websocket in a page',
  createTransport: async (request) => {
    if (request.role === 'listener') return onNode.createTransport(request)
    if (transports === undefined) throw new Error('the page is not open')
    return transports.make(LIMITS)
  },
}

conformance.before(async () => {
  if (reasonWithoutBrowser() !== undefined) return
  browser = await startBrowser()
  site = await Site.open(await pageBundle())
  const page = await browser.newPage()
  await page.goto(site.pageUrl)
  transports = await PageTransports.in(page)
})

conformance.after(async () => {
  await browser?.close()
  await site?.close()
})

const reason = reasonWithoutBrowser()
// All others are about listening transports alone.
for (const { name, run } of conformanceCases(fixture).filter((each) => /^(diallers|cluster):/.test(each.name))) {
  if (reason === undefined) conformance(name, () => run())
  else leaveOut(conformance, name, reason)
}

conformance.run()
