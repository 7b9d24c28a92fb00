/** A real browser: Debian's Chromium, without a window and with an empty profile each time. */

import { existsSync } from 'node:fs'
import { type Browser, chromium } from 'playwright-core'

const EXECUTABLE = '/usr/bin/chromium'
const ARGUMENTS = (
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking ' +
  '--disable-component-update --disable-sync --no-proxy-server'
).split(' ')

/** Why there is no browser here; undefined if there is one. Where a verdict is wanted its absence is a failure. */
export function reasonWithoutBrowser(): string | undefined {
  if (existsSync(EXECUTABLE)) return undefined
  if (process.env['CI'] === 'true') throw new Error(`${EXECUTABLE} is missing: .ci/run installs it`)
  return `there is no ${EXECUTABLE}; apt-get install chromium`
}

/** Starts one. Whoever does closes it. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: EXECUTABLE, args: ARGUMENTS })
}
