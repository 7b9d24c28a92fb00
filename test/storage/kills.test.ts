/** Nodes killed at any moment, 200 times, or 500 where tests may be long: no generation comes twice, and nothing acknowledged is lost. */

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { IS_LONG } from '../harness/long.ts'
import { seededRandom } from '../harness/seeded-random.ts'
import { TemporaryFolder } from '../harness/temporary-folder.ts'
import { KilledFolder } from './kills/folder.ts'

const KILLS = IS_LONG ? 500 : 200
const FOLDERS = 2
/** The first life of each folder shows how long a node takes to its first acknowledgements; the others die around then. */
const ACKNOWLEDGED_FIRST = 12

const kills = suite<{ folder: TemporaryFolder }>('kills')

kills.before((context) => {
  context.folder = new TemporaryFolder()
})

kills.after(({ folder }) => folder.remove())

/** All of a node's code in one file, which a process loads in half the time. */
async function bundled(outfile: string): Promise<string> {
  const entry = fileURLToPath(new URL('./kills/victim.js', import.meta.url))
  await build({ entryPoints: [entry], bundle: true, platform: 'node', format: 'esm', outfile })
  return outfile
}

kills(`after ${KILLS} kills no generation was said twice, and no acknowledged write was lost`, async ({ folder }) => {
  const victim = await bundled(join(folder.path, 'victim.mjs'))
  const folders = await Promise.all(
    Array.from({ length: FOLDERS }, async (_, index) => {
      const path = join(folder.path, `${index}`)
      mkdirSync(path)
      const killed = new KilledFolder(victim, path)
      await killAll(killed, seededRandom(20_080_915 + index))
      return killed
    }),
  )
  const total = (name: keyof KilledFolder['tally']): number => folders.reduce((sum, { tally }) => sum + tally[name], 0)
  assert.is(total('kills'), KILLS)
  assert.ok(total('generations') > KILLS / 4, `${total('generations')} generations`)
  assert.ok(total('acknowledged') > KILLS, `${total('acknowledged')} acknowledged`)
  assert.ok(total('killedEarly') > KILLS / 50, `${total('killedEarly')} killed early`)
})

async function killAll(folder: KilledFolder, random: () => number): Promise<void> {
  let firstMs = 0
  await folder.kill(async (log) => {
    const startMs = performance.now()
    while (log().split('\nk ').length <= ACKNOWLEDGED_FIRST) await pause(1)
    firstMs = performance.now() - startMs
  })
  while (folder.tally.kills < KILLS / FOLDERS) await folder.kill(() => pause(random() * firstMs))
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

kills.run()
