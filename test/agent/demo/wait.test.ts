import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { CommandFailedError } from '../../../src/agent/cli/index.ts'
import { type Act, type Measure, Progress, waitFor } from '../../../src/agent/demo/index.ts'

const wait = suite('wait')

/** Measures in turn; the last one stays. */
function act(measures: readonly Measure[], facts: Partial<Act> = {}): Act {
  let turn = 0
  return {
    label: 'act',
    goal: 'a miracle',
    progress: new Progress({ write: () => true }),
    pollMs: 1,
    stalledMsMax: 1_000_000,
    measure: async () => measures[Math.min(turn++, measures.length - 1)] as Measure,
    lacking: async () => [],
    ...facts,
  }
}

const measure = (moved: number, isDone = false): Measure => ({ isDone, moved, text: `${moved} of 3` })

wait('it ends with the first measure that is done', async () => {
  await waitFor(act([measure(0), measure(0), measure(1), measure(3, true)]))
})

wait('when nothing moves it fails, and says how far it came and what is wanting', async () => {
  const lacking = async (): Promise<readonly string[]> => ['node-2 lacks a key', 'node-3 too']
  const outcome = await waitFor(act([measure(0), measure(2)], { stalledMsMax: 5, lacking })).then(
    () => undefined,
    (error: unknown) => error,
  )
  assert.instance(outcome, CommandFailedError)
  const { code, message } = outcome as CommandFailedError
  assert.is(code, 'GOSSIP_DEMO_STALLED')
  assert.match(message, /waited for a miracle.*\(2 of 3\)\n {2}node-2 lacks a key\n {2}node-3 too$/)
})

wait('it waits as long as things move', async () => {
  const moving = Array.from({ length: 40 }, (_, i) => measure(i))
  await waitFor(act([...moving, measure(40, true)], { stalledMsMax: 25 }))
})

wait.run()
