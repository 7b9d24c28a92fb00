/** Pages can have rings and forwarders, and a ring alone brings no messenger along. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bundle } from './bundle.ts'

const rings = suite('browser: ring')

const RING = 'gossipmonger-engine/ring'

rings('a ring alone loads neither messaging nor forwarding, and needs no Node', async () => {
  const { text, inputs } = await bundle(`export { Ring } from '${RING}'`)
  assert.not.match(text, /["'`]node:/)
  assert.ok(inputs.some((path) => path.includes('dist/ring/ring.js')))
  assert.equal(
    inputs.filter((path) => path.includes('dist/messaging/')),
    [],
  )
  assert.not.match(text, /GOSSIP_FORWARD_MALFORMED/)
})

rings('all of the ring loads in a browser, and still brings no messenger: whoever forwards has one', async () => {
  const { text, inputs } = await bundle(`export * from '${RING}'`)
  assert.not.match(text, /["'`]node:/)
  assert.match(text, /GOSSIP_FORWARD_MALFORMED/)
  assert.equal(
    inputs.filter((path) => path.includes('dist/messaging/')),
    [],
  )
})

rings.run()
