/** Many peers where a message has room for a packet: every digest and every delta keeps to it, and all agree. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Engine, type JsonValue, jsonBytes, resolveEngineOptions } from '../../../src/core/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'

const packets = suite('small-packets')

/** What a packet of 1,200 bytes leaves for the payload when it is encrypted. */
const MESSAGE_BYTES_MAX = 1_167
const KEYS = 2
const ROUNDS_MAX = 300

function idOf(i: number, length: number): string {
  return `node-${String(i).padStart(4, '0')}-`.padEnd(length, 'x')
}

function addressOf(i: number): JsonValue {
  return { url: `udp://10.0.0.1:${20_000 + i}` }
}

function enginesWithNames(peers: number, length: number): Engine[] {
  return Array.from({ length: peers }, (_, i) => {
    const options = resolveEngineOptions({ seeds: i === 0 ? [] : [{ transport: addressOf(0) }] })
    const facts = { id: idOf(i, length), generation: 1_838_000_000_000_512 + i, random: seededRandom(i + 1) }
    const engine = new Engine({ ...facts, options, messageBytesMax: MESSAGE_BYTES_MAX })
    engine.start({ generation: engine.generation, transport: addressOf(i) }, 0)
    for (let k = 0; k < KEYS; k++) engine.set(`key ${k}`, `${i} ${'value '.repeat(8)}`, {}, 0)
    return engine
  })
}

/** Delivers all messages as text, and the answers to them; returns the size of the largest. */
function deliverAll(engines: readonly Engine[], byAddress: ReadonlyMap<string, Engine>, now: number): number {
  let largest = 0
  for (let isDone = false; !isDone; ) {
    isDone = true
    for (const from of engines) {
      from.takeEvents()
      for (const { kind, to, payload } of from.takeMessages()) {
        isDone = false
        largest = Math.max(largest, jsonBytes(payload))
        const receiver = byAddress.get(JSON.stringify(to.transport))
        const copy = JSON.parse(JSON.stringify(payload)) as JsonValue
        const sender = { id: from.id, transport: from.transport }
        if (kind === 'digest') receiver?.receiveDigest(sender, copy, now)
        else receiver?.receiveDeltas(sender, copy, now)
      }
    }
  }
  return largest
}

function hasAgreed(engines: readonly Engine[], now: number): boolean {
  return engines.every((reader) => engines.every(({ id }) => reader.readAll(id, now).length === KEYS))
}

// The last names are as long as names may be: a page then has room for one peer beside the sender.
for (const [peers, length] of [
  [100, 12],
  [100, 128],
  [12, 256],
] as const) {
  packets(`no message of ${peers} peers with names of ${length} bytes is over the limit, and all agree`, () => {
    const engines = enginesWithNames(peers, length)
    const byAddress = new Map(engines.map((engine, i) => [JSON.stringify(addressOf(i)), engine]))
    let rounds = 0
    do {
      const now = ++rounds * 1_000
      for (const engine of engines) engine.tick(now)
      const largest = deliverAll(engines, byAddress, now)
      assert.ok(largest <= MESSAGE_BYTES_MAX, `a message of ${largest} bytes in round ${rounds}`)
      assert.ok(rounds < ROUNDS_MAX, 'they never agree')
    } while (!hasAgreed(engines, rounds * 1_000))
  })
}

packets.run()
