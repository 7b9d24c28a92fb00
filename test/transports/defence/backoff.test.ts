import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Backoff } from '../../../src/transports/index.ts'

const backoff = suite('defence: backoff')

backoff('three failures cost nothing, each further one twice as long as the one before, never over 30 s', () => {
  const pause = new Backoff()
  const lengths: number[] = []
  for (let i = 0; i < 12; i++) {
    pause.fail(0)
    let ms = 0
    while (pause.isWaiting(ms)) ms += 1_000
    lengths.push(ms / 1_000)
  }
  assert.equal(lengths, [0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30])
})

backoff('a right answer ends it', () => {
  const pause = new Backoff()
  for (let i = 0; i < 10; i++) pause.fail(0)
  pause.succeed()
  assert.not(pause.isWaiting(0))
  pause.fail(0)
  assert.not(pause.isWaiting(0))
})

backoff.run()
