/**
 * A pool of engines under watch: after every input each process is compared with what it told, and every letter with its
 * budget and its own decoding. What a law forbids fails at the step that broke it.
 */

import * as assert from 'uvu/assert'
import { type EngineOptions, type JsonValue, resolveEngineOptions } from '../../src/core/index.ts'
import { parseDeltas, parseDigest } from '../../src/core/reconcile/index.ts'
import { toWireEntry } from '../../src/core/state/index.ts'
import { EnginePool, type Letter, type Process } from './engine-pool.ts'

/** What a reader who believes every event holds of one process. */
interface Told {
  readonly keys: Map<string, Map<string, JsonValue>>
  readonly triples: Map<string, readonly number[]>
  read: number
}

/** Checks the laws that hold for any schedule. */
export class EngineWorld {
  readonly pool: EnginePool
  readonly #told = new Map<Process, Told>()
  readonly #digestBytesMax: number
  readonly #deltaBytesMax: number

  constructor(options: EngineOptions, seed: number) {
    this.pool = new EnginePool(options, seed)
    const resolved = resolveEngineOptions(options)
    this.#digestBytesMax = resolved.digestBytesMax
    this.#deltaBytesMax = resolved.deltaBytesMax
    this.pool.onInput = (process) => this.#check(process)
    this.pool.onSend = (letter) => this.#checkLetter(letter)
  }

  /** Every process that is up reads the same of every id that is up, and holds the same map where it stands the same. */
  assertAgreement(): void {
    const up = [...this.pool.processes.values()].filter((process) => process.isUp && !process.engine.isFrozen)
    for (const owner of up) {
      for (const reader of up) {
        if (reader.engine.id === owner.engine.id) continue
        const expected = this.pool.read(owner.name, owner.engine.id)
        assert.equal(this.pool.read(reader.name, owner.engine.id), expected, `${owner.name} as read at ${reader.name}`)
        const copy = reader.engine.explain(owner.engine.id, this.pool.now)
        const own = owner.engine.explain(owner.engine.id, this.pool.now)
        assert.is(copy?.status, 'live', `${owner.name} at ${reader.name}`)
        assert.is(copy?.hash, own?.hash, `${owner.name} at ${reader.name}`)
      }
    }
  }

  #check(process: Process): void {
    const told = this.#told.get(process) ?? { keys: new Map(), triples: new Map(), read: 0 }
    this.#told.set(process, told)
    for (; told.read < process.events.length; told.read++) {
      const event = process.events[told.read]
      if (event?.type === 'update') keysOf(told, event.peerId).set(event.key, event.value)
      else if (event?.type === 'delete') {
        assert.ok(keysOf(told, event.peerId).delete(event.key), `${event.peerId} ${event.key} deleted, never told`)
      } else if (event?.type === 'peer removed') {
        assert.equal([...event.keys].sort(), [...keysOf(told, event.peerId).keys()].sort(), 'keys of the removed')
        told.keys.delete(event.peerId)
        told.triples.delete(event.peerId)
      }
    }
    for (const { id, map } of process.engine.peers()) {
      const triple = [map.generation, map.gcVersion, map.maxVersionSeen]
      const former = told.triples.get(id) ?? triple
      assert.ok(compare(triple, former) >= 0, `${id} at ${process.name} went from ${former} down to ${triple}`)
      told.triples.set(id, triple)
    }
    for (const id of [process.engine.id, ...process.engine.peers().map((peer) => peer.id)]) {
      const shown = new Map(Object.entries(this.pool.read(process.name, id)).sort())
      const expected = [...keysOf(told, id)].filter(([key]) => shown.has(key) || !this.#hasLapsed(process, id, key))
      assert.equal(shown, new Map(expected.sort()), `${id} at ${process.name}: told and shown differ`)
    }
  }

  /** A lease that has lapsed is not shown any more, and is told with the next tick. */
  #hasLapsed(process: Process, id: string, key: string): boolean {
    const map = id === process.engine.id ? process.engine.ownMap : process.engine.peer(id)?.map
    return (map?.shown(key)?.expiresAt ?? Number.POSITIVE_INFINITY) <= this.pool.now
  }

  #checkLetter(letter: Letter): void {
    const bytes = Buffer.byteLength(letter.text)
    const limit = letter.kind === 'digest' ? this.#digestBytesMax : this.#deltaBytesMax
    assert.ok(bytes <= limit, `a ${letter.kind} of ${bytes} bytes, the limit is ${limit}`)
    const payload = JSON.parse(letter.text) as JsonValue
    if (letter.kind === 'digest') parseDigest(payload, letter.sender.id)
    else {
      const groups = parseDeltas(payload, this.pool.now, Number.MAX_SAFE_INTEGER)
      const again = groups.map((group) => group.entries.map((entry) => toWireEntry(entry, this.pool.now)))
      assert.equal(again, (payload as { entries: JsonValue }[]).map((group) => group.entries) as never, 'decoded')
    }
  }
}

function keysOf(told: Told, id: string): Map<string, JsonValue> {
  const keys = told.keys.get(id) ?? new Map<string, JsonValue>()
  told.keys.set(id, keys)
  return keys
}

function compare(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((value, at) => value !== b[at])
  return index < 0 ? 0 : (a[index] as number) - (b[index] as number)
}
