/**
 * What owners really wrote: every life of every id, with each version, and where it stands. Copies are held against it.
 * It grows with the number of writes of a simulation.
 */

import type { JsonValue } from '../../core/index.ts'
import type { Copy, HeldEntry } from '../process/index.ts'
import type { Machine, Observer } from '../world/index.ts'

/** One life of one id, up to now. */
export interface Life {
  readonly machine: string
  readonly generation: number
  gcVersion: number
  maxVersionSeen: number
  /** What was written under each version. */
  readonly byVersion: Map<number, HeldEntry>
  /** The last write of each key. */
  readonly latest: Map<string, HeldEntry>
  /** The owner's fingerprint where it stands now, or stood when this life ended. */
  hash: string
}

/** Follows every owner whose versions can be seen. */
export class Ledger implements Observer {
  readonly #lives = new Map<string, Life[]>()
  /** Ids whose versions cannot be seen. */
  readonly #opaque = new Set<string>()
  /** JSON texts of all values ever written, by id and key, where versions cannot be seen. */
  readonly #values = new Map<string, Map<string, Set<string>>>()

  onWrite(machine: Machine): void {
    this.#follow(machine, true)
  }

  /** Tombstones are forgotten without an event. */
  onInput(machine: Machine): void {
    this.#follow(machine, false)
  }

  /** Lives of an id under a generation: more than one only while two processes share the id. */
  lives(id: string, generation: number): readonly Life[] {
    return this.#lives.get(lifeKey(id, generation)) ?? []
  }

  /** Whether this id's versions cannot be seen, so that nothing can be held against them. */
  isOpaque(id: string): boolean {
    return this.#opaque.has(id)
  }

  /** Whether the id ever had this value under this key. For ids whose versions cannot be seen. */
  everHad(id: string, key: string, value: JsonValue): boolean {
    return this.#values.get(id)?.get(key)?.has(JSON.stringify(value)) === true
  }

  #follow(machine: Machine, hasWritten: boolean): void {
    const own = machine.running.own()
    const entries = own.held(0)
    if (entries === undefined) {
      this.#opaque.add(machine.id)
      if (hasWritten) this.#noteValues(machine, own)
      return
    }
    const life = this.#life(machine, own.generation)
    if (life.maxVersionSeen === own.maxVersionSeen && life.gcVersion === own.gcVersion) return
    for (const entry of own.held(life.maxVersionSeen) ?? []) {
      life.byVersion.set(entry.version, entry)
      life.latest.set(entry.key, entry)
    }
    life.maxVersionSeen = own.maxVersionSeen
    life.gcVersion = own.gcVersion
    life.hash = own.hash
  }

  #life(machine: Machine, generation: number): Life {
    const key = lifeKey(machine.id, generation)
    const lives = this.#lives.get(key) ?? []
    const present = lives.find((life) => life.machine === machine.name)
    if (present !== undefined) return present
    const life: Life = {
      machine: machine.name,
      generation,
      gcVersion: 0,
      maxVersionSeen: 0,
      byVersion: new Map(),
      latest: new Map(),
      hash: '',
    }
    this.#lives.set(key, [...lives, life])
    return life
  }

  #noteValues(machine: Machine, own: Copy): void {
    const keys = this.#values.get(machine.id) ?? new Map<string, Set<string>>()
    this.#values.set(machine.id, keys)
    for (const { key, value } of own.readable(Number.NEGATIVE_INFINITY)) {
      const texts = keys.get(key) ?? new Set<string>()
      keys.set(key, texts.add(JSON.stringify(value)))
    }
  }
}

/** Where a copy stands within its life. */
export function standing(copy: { readonly gcVersion: number; readonly maxVersionSeen: number }): string {
  return `${copy.gcVersion}/${copy.maxVersionSeen}`
}

function lifeKey(id: string, generation: number): string {
  return `${generation} ${id}`
}
