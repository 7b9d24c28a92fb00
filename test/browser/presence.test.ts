/** The example of presence, with real tabs of one browser window. */

import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { packageInfo } from '../../src/agent/cli/index.ts'
import { leaveOut } from '../harness/left-out.ts'
import { reasonWithoutBrowser, startBrowser } from './chromium.ts'

const presence = suite('browser: presence')

let browser: Browser | undefined
let server: ChildProcess | undefined

/** Starts the example as a user does, on a free port; gives what it prints. */
function startServer(): AsyncIterableIterator<string> {
  const program = fileURLToPath(new URL('../../examples/presence/server.js', import.meta.url))
  server = spawn(process.execPath, [program, '0'], { cwd: packageInfo().folder, stdio: ['ignore', 'pipe', 'inherit'] })
  if (server.stdout === null) throw new Error('there is no output')
  return createInterface(server.stdout)[Symbol.asyncIterator]()
}

/** The next line that says this. */
async function said(lines: AsyncIterableIterator<string>, what: RegExp): Promise<string> {
  for (;;) {
    const { value, done } = await lines.next()
    if (done === true) throw new Error(`the server ended, and never said ${what}`)
    if (what.test(value)) return value
  }
}

/** Opens a tab, or something in one. */
async function openTab(context: BrowserContext, origin: string, name: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(`${origin}/#${name}`)
  return page
}

/** Waits until the list in a tab is this, in any order: `kind name typing`. */
async function lists(page: Page, ...lines: string[]): Promise<void> {
  const isShown = `(() => {
    const shown = [...document.querySelectorAll('#here li')].map((item) => {
      return [item.className, ...[...item.children].map((child) => child.textContent)].join(' ').trim()
    })
    return JSON.stringify(shown.sort()) === ${JSON.stringify(JSON.stringify([...lines].sort()))}
  })()`
  await page.waitForFunction(isShown, undefined, { polling: 20 })
}

async function tabsSeeEachOther(): Promise<void> {
  const lines = startServer()
  const [origin = ''] = /http:\/\/[\d.:]+/.exec(await said(lines, /^open /)) ?? []
  browser = await startBrowser()
  const context = await browser.newContext()
  const ada = await openTab(context, origin, 'Ada')
  const bob = await openTab(context, origin, 'Bob')
  const cy = await openTab(context, origin, 'Cy')
  await lists(ada, 'self Ada', 'live Bob', 'live Cy')
  await lists(bob, 'live Ada', 'self Bob', 'live Cy')
  assert.is(await bob.title(), '3 here')

  await ada.locator('#says').fill('<b>hello</b>')
  await lists(bob, 'live Ada <b>hello</b>', 'self Bob', 'live Cy')
  await ada.locator('#says').fill('')
  await lists(bob, 'live Ada', 'self Bob', 'live Cy')

  // One says goodbye when its tab is closed, another has no time for it.
  await ada.close({ runBeforeUnload: true })
  await said(lines, /^Ada has left$/)
  await lists(bob, 'self Bob', 'live Cy')
  const killer = await context.newCDPSession(cy)
  killer.send('Page.crash').catch(() => {})
  await said(lines, /^Cy is gone without a word$/)
  await lists(bob, 'self Bob', 'dead Cy')
  assert.is(await bob.title(), '1 here')
}

presence.after(async () => {
  await browser?.close()
  server?.kill()
})

const NAME = 'tabs see each other come, type, leave when they are closed, and die when they are killed'
const reason = reasonWithoutBrowser()
if (reason === undefined) presence(NAME, tabsSeeEachOther)
else leaveOut(presence, NAME, reason)

presence.run()
