/**
 * Fuzzes live nodes over every wire, and says what came of it.
 *
 *     npm run fuzz -- [--minutes N] [--seed S] [--wire tcp|websocket|udp]
 *     npm run fuzz -- --wire W --seed S --replay I      one attack again
 *     npm run fuzz -- --record                          record the frames of live nodes anew
 */

import { parseArgs } from 'node:util'
import { replay, runCampaign, shown } from './campaign.ts'
import { WIRES, type Wire } from './corpus.ts'
import { record } from './record.ts'

const MS_PER_MINUTE = 60_000

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    seed: { type: 'string' },
    wire: { type: 'string' },
    replay: { type: 'string' },
    record: { type: 'boolean' },
  },
})
const minutes = Number(values.minutes ?? '1')
const seed = Number(values.seed ?? Date.now() % 2 ** 31)
const wires = values.wire === undefined ? WIRES : WIRES.filter((wire) => wire === values.wire)
if (!(minutes > 0) || !Number.isInteger(seed) || wires.length === 0) {
  console.error('usage: npm run fuzz -- [--minutes N] [--seed S] [--wire tcp|websocket|udp] [--replay I] [--record]')
  process.exit(2)
}
process.exitCode = await main()
process.exit()

async function main(): Promise<number> {
  if (values.record === true) {
    await record()
    return 0
  }
  if (values.replay !== undefined) return await again(wires[0] as Wire, Number(values.replay))
  let failures = 0
  for (const wire of wires) {
    const durationMs = (minutes * MS_PER_MINUTE) / wires.length
    const { frames, framesPerSecond, codes, failure } = await runCampaign({ wire, seed, durationMs, tell: console.log })
    console.log(`${wire}, seed ${seed}: ${frames} frames, ${framesPerSecond} a second; ${shown(codes)}`)
    if (failure === undefined) continue
    failures++
    console.log(`\n${wire} FAILED: ${failure}\n`)
  }
  console.log(failures === 0 ? 'no frame did any harm' : `${failures} failed`)
  return failures === 0 ? 0 : 1
}

async function again(wire: Wire, index: number): Promise<number> {
  const problem = await replay(wire, seed, index)
  console.log(problem ?? 'the frame does no harm')
  return problem === undefined ? 0 : 1
}
