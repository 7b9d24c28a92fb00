import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type ArrivalWindows, PhiDetector, type PhiOptions, RowMoves } from '../../../src/core/membership/index.ts'

const detection = suite('phi-detector')

const OPTIONS: PhiOptions = {
  deadPeerPhi: 8,
  phiModel: 'exponential',
  samplingWindowSize: 1_000,
  initialIntervalMs: 1_000,
  maxIntervalMs: 10_000,
}

function make(options: Partial<PhiOptions> = {}): PhiDetector {
  return new PhiDetector({ ...OPTIONS, ...options })
}

const ROW = 0

/** Windows of one row, without gaps. */
function oneRow(detector: PhiDetector): ArrivalWindows {
  const windows = detector.createWindows()
  const moves = new RowMoves()
  moves.insert()
  windows.move(moves)
  return windows
}

detection('S3.4 S3.7 before there are samples a peer is called dead after 18.42 initial intervals', () => {
  const detector = make()
  const windows = oneRow(detector)
  assert.ok(Math.abs(detector.timeoutMs(windows, ROW, 1) - 18_420.68) < 0.01)
  assert.not(detector.isConviction(detector.phi(windows, ROW, 18_420, 1)))
  assert.ok(detector.isConviction(detector.phi(windows, ROW, 18_421, 1)))
})

detection('in a paged cluster everything scales with the pages', () => {
  const detector = make()
  const windows = oneRow(detector)
  assert.ok(Math.abs(detector.timeoutMs(windows, ROW, 4) - 4 * 18_420.68) < 0.1)
  detector.sample(windows, ROW, 39_000, 4)
  assert.ok(detector.meanGapMs(windows, ROW, 4) > 9_000)
})

detection('S3.6 gaps beyond the longest interval are sampled at it, not dropped', () => {
  const detector = make()
  const windows = oneRow(detector)
  detector.sample(windows, ROW, 1e9, 1)
  assert.is(windows.size(ROW), 1)
  assert.is(detector.meanGapMs(windows, ROW, 1), (5 * 1_000 + 10_000) / 6)
})

detection('gaps beyond the threshold are sampled at the threshold', () => {
  const detector = make({ maxIntervalMs: 1_000_000 })
  const windows = oneRow(detector)
  const timeoutMs = detector.timeoutMs(windows, ROW, 1)
  detector.sample(windows, ROW, 500_000, 1)
  assert.ok(Math.abs(detector.meanGapMs(windows, ROW, 1) - (5_000 + timeoutMs) / 6) < 1e-3)
})

detection('a peer that is always slow stops being called dead', () => {
  const detector = make()
  const windows = oneRow(detector)
  let deaths = 0
  for (let i = 0; i < 100; i++) {
    if (detector.isConviction(detector.phi(windows, ROW, 30_000, 1))) deaths++
    detector.sample(windows, ROW, 30_000, 1)
  }
  assert.ok(deaths <= 3, `${deaths} deaths`)
})

detection('one outage does not blind it: the timeout stays within a few times what it was', () => {
  const detector = make()
  const windows = oneRow(detector)
  for (let i = 0; i < 20; i++) detector.sample(windows, ROW, 1_000, 1)
  const before = detector.timeoutMs(windows, ROW, 1)
  detector.sample(windows, ROW, 86_400_000, 1)
  assert.ok(detector.timeoutMs(windows, ROW, 1) < 1.5 * before)
})

detection('repeated tiny gaps do not make the timeout tiny at once', () => {
  const detector = make()
  const windows = oneRow(detector)
  detector.sample(windows, ROW, 0, 1)
  detector.sample(windows, ROW, 0, 1)
  assert.ok(detector.timeoutMs(windows, ROW, 1) > 13_000)
})

for (const phiModel of ['exponential', 'normal'] as const) {
  detection(`${phiModel}: the timeout is where the verdict turns`, () => {
    const detector = make({ phiModel })
    const windows = oneRow(detector)
    for (const gap of [900, 1_000, 2_000, 500, 1_100]) detector.sample(windows, ROW, gap, 1)
    const timeoutMs = detector.timeoutMs(windows, ROW, 1)
    assert.not(detector.isConviction(detector.phi(windows, ROW, timeoutMs - 1, 1)))
    assert.ok(detector.isConviction(detector.phi(windows, ROW, timeoutMs + 1, 1)))
  })

  detection(`${phiModel}: suspicion is 0 at once and rises with silence`, () => {
    const detector = make({ phiModel })
    const windows = oneRow(detector)
    let last = detector.phi(windows, ROW, 0, 1)
    assert.ok(last < 1e-3)
    for (let silence = 500; silence < 100_000; silence += 500) {
      const now = detector.phi(windows, ROW, silence, 1)
      assert.ok(now >= last)
      last = now
    }
  })
}

detection('normal: perfectly regular gaps do not make one late heartbeat a death', () => {
  const detector = make({ phiModel: 'normal' })
  const windows = oneRow(detector)
  for (let i = 0; i < 1_000; i++) detector.sample(windows, ROW, 1_000, 1)
  assert.ok(detector.timeoutMs(windows, ROW, 1) > 4_000)
})

detection.run()
