/** Scenarios that once broke a promise, each in a file of `test/sim/kept`. They hold for ever. */

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { runScenario } from '../../src/sim/index.ts'
import { KEPT_FOLDER, type KeptScenario } from '../long/kept.ts'

const kept = suite('kept')

const files = readdirSync(KEPT_FOLDER).filter((file) => file.endsWith('.json'))

kept('there is something to hold on to', () => {
  assert.ok(files.length > 0)
})

for (const file of files) {
  const { problem, scenario } = JSON.parse(readFileSync(join(KEPT_FOLDER, file), 'utf8')) as KeptScenario
  kept(`${file}: no more ${problem}`, async () => {
    await runScenario(scenario)
  })
}

kept.run()
