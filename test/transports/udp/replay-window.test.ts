import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { REPLAY_WINDOW_PACKETS, ReplayWindow } from '../../../src/transports/udp/replay-window.ts'
import { checkProperty } from '../../harness/property.ts'

const replayWindow = suite('udp: replay window')

replayWindow('a number passes once, in any order, unless it is too old to know', () => {
  const steps = fc.array(fc.oneof(fc.nat(50), fc.nat(3 * REPLAY_WINDOW_PACKETS)), { maxLength: 200 })
  checkProperty(
    fc.property(steps, fc.nat(2 ** 40), (counters, base) => {
      const window = new ReplayWindow()
      const seen = new Set<number>()
      let highest = -1
      for (const counter of counters.map((each) => base + each)) {
        const isNew = !seen.has(counter) && counter > highest - REPLAY_WINDOW_PACKETS
        assert.is(window.accept(counter), isNew)
        if (isNew) seen.add(counter)
        highest = Math.max(highest, counter)
      }
    }),
  )
})

replayWindow.run()
