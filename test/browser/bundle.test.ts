/** Browsers can load the core and the WebSocket transport, and need not load more than the README says. */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { repositoryRoot } from '../tidy/tree.ts'
import { type Bundle, bundle } from './bundle.ts'

const bundles = suite('browser: bundle')

const CORE = "export { Gossipmonger } from 'gossipmonger-engine'"
const TRANSPORTS = 'gossipmonger-engine/transports'
const MESSAGING = 'gossipmonger-engine/messaging'

/** The figure that the README gives for a line of imports. */
function promised(name: string): number {
  const text = readFileSync(join(repositoryRoot(), 'README.md'), 'utf8')
  const [, kilobytes] = new RegExp(String.raw`^\| \x60?${name}\x60?[^|]*\| under (\d+) kB`, 'm').exec(text) ?? []
  assert.ok(kilobytes, `the README says how large the core with ${name} may be`)
  return Number(kilobytes) * 1_000
}

function assertForBrowsers({ text, inputs }: Bundle): void {
  assert.not.match(text, /["'`]node:/)
  assert.equal(
    inputs.filter((path) => /node_modules\/ws\/|websocket-server/.test(path)),
    [],
  )
}

for (const name of ['nothing else', 'GossipWebSocketTransport', 'WebSocketTransport']) {
  bundles(`the core and ${name} are no larger than the README says, and need no Node`, async () => {
    const transport = name === 'nothing else' ? '' : `; export { ${name} } from '${TRANSPORTS}'`
    const made = await bundle(`${CORE}${transport}`)
    assertForBrowsers(made)
    assert.ok(made.gzipBytes < promised(name), `${made.gzipBytes} bytes`)
    // Smaller than this, something would be missing.
    assert.ok(made.gzipBytes > promised(name) * 0.8, `${made.gzipBytes} bytes: the README may promise less`)
  })
}

bundles('messages are no larger than the README says, and need no Node', async () => {
  const entries = [
    CORE,
    `export { WebSocketTransport } from '${TRANSPORTS}'`,
    `export { Messenger } from '${MESSAGING}'`,
  ]
  const made = await bundle(entries.join(';'))
  assertForBrowsers(made)
  const promise = promised('WebSocketTransport` and `Messenger')
  assert.ok(made.gzipBytes < promise, `${made.gzipBytes} bytes`)
  assert.ok(made.gzipBytes > promise * 0.8, `${made.gzipBytes} bytes: the README may promise less`)
  assert.not.ok(made.inputs.some((path) => /dist\/messaging\/(messenger|duplex)\.js/.test(path)))
})

bundles('all that browsers may import needs no Node', async () => {
  const entries = ['gossipmonger-engine', TRANSPORTS, MESSAGING].map((entry) => `export * from '${entry}'`)
  assertForBrowsers(await bundle(entries.join(';')))
})

bundles('what no page can use is left out', async () => {
  const { inputs } = await bundle(CORE)
  assert.equal(
    inputs.filter((path) => /dist\/core\/(durable-state|storage-writer|old-dialect\/translate)/.test(path)),
    [],
  )
})

bundles('everything but what listens is there', async () => {
  const { inputs } = await bundle(`export * from '${TRANSPORTS}'`)
  for (const folder of ['bridge', 'codec', 'faults', 'memory', 'session', 'wire', 'websocket']) {
    assert.ok(
      inputs.some((path) => path.includes(`dist/transports/${folder}/`)),
      folder,
    )
  }
})

bundles.run()
