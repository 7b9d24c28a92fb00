import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { MachineClock } from '../../../src/sim/world/clock.ts'
import { Machine } from '../../../src/sim/world/machine.ts'
import { checkProperty } from '../../harness/property.ts'

const clocks = suite('clocks')

const drifts = fc.double({ min: -0.5, max: 0.5, noNaN: true })
const times = fc.double({ min: 0, max: 1e10, noNaN: true })

clocks('a clock that gains a thousandth shows 1 001 ms after a second', () => {
  const clock = new MachineClock(0.001)
  clock.restart(5_000)
  assert.is(Math.round(clock.local(6_000) * 1_000), 1_001_000)
})

clocks('the way to local time and back ends where it began, but for rounding', () => {
  checkProperty(
    fc.property(drifts, times, times, (drift, startedAt, later) => {
      const clock = new MachineClock(drift)
      clock.restart(startedAt)
      const now = startedAt + later
      assert.ok(Math.abs(clock.world(clock.local(now)) - now) <= 1e-5)
      assert.ok(Math.abs(clock.local(clock.world(later)) - later) <= 1e-5)
    }),
  )
})

clocks('a wall clock is as wrong as it was made, and never before 1970', () => {
  const clock = new MachineClock(0)
  const right = clock.wallClockMs(1_000)
  clock.wallErrorMs -= 3_600_000
  assert.is(clock.wallClockMs(1_000), right - 3_600_000)
  assert.is(clock.wallClockMs(2_000.7), right - 3_599_000)
  clock.wallErrorMs = -1e15
  assert.is(clock.wallClockMs(0), 0)
})

clocks('a wall clock does not drift, and a restart does not set it', () => {
  const clock = new MachineClock(0.5)
  const before = clock.wallClockMs(1_000)
  clock.restart(9_000)
  assert.is(clock.wallClockMs(2_000), before + 1_000)
})

clocks('a process never sees its time go backwards, nor come before the deadline it is woken for', () => {
  checkProperty(
    fc.property(drifts, fc.array(fc.tuple(times, times), { maxLength: 20 }), (drift, asked) => {
      const facts = { name: 'a', id: 'a', address: 'a', seeds: [], isFirstGeneration: false, drift }
      const machine = new Machine(facts)
      let last = 0
      for (const [worldNow, atLeast] of asked) {
        const now = machine.localNow(worldNow, atLeast)
        assert.ok(now >= last && now >= atLeast)
        last = now
      }
      machine.reset(1e12)
      assert.is(machine.localNow(1e12), 0)
    }),
  )
})

clocks.run()
