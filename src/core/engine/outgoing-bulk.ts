/**
 * One transfer to one peer of what does not fit messages: map after map, group after group, each made of the state of the
 * moment it is asked for. It remembers numbers only: how far the other side has come by what it was sent.
 */

import { type Candidate, slice } from '../flow/index.ts'
import type { SenderRef } from '../ports.ts'
import { type Lack, lackOf, type Standing } from '../reconcile/index.ts'
import type { PeerMap, WireGroup } from '../state/index.ts'

/** Where to read a map of this moment; undefined when its peer is not known any more. */
export type MapSource = (id: string) => Omit<Candidate, 'from' | 'maxVersionMin'> | undefined

/** Ends by itself: when the other side has all there is, or what it would need instead is a new beginning. */
export class OutgoingBulk {
  readonly to: SenderRef
  /** Ids of the peers it is about, in the order in which they are served. */
  readonly about: readonly string[]
  /** By id, up to where the maps that are done have gone. */
  readonly reached: Map<string, number> = new Map()
  readonly #source: MapSource
  readonly #groupBytesMax: number
  /** Where the other side will stand when all that was sent has arrived, of the maps that are not done. */
  readonly #standings: Map<string, Standing>

  /** @param groupBytesMax - bytes of the entries of a group, unless a single entry takes more */
  constructor(to: SenderRef, candidates: readonly Candidate[], source: MapSource, groupBytesMax: number) {
    this.to = to
    this.#groupBytesMax = groupBytesMax
    // Nobody's few keys wait for another's many.
    const maps = candidates.toSorted((a, b) => a.map.bytes - b.map.bytes)
    this.about = maps.map(({ map }) => map.id)
    this.#source = source
    this.#standings = new Map(maps.map((candidate) => [candidate.map.id, standingOf(candidate)]))
  }

  /**
   * Whether what somebody lacks of this map is on its way here, and so goes by no message.
   *
   * @param from - the version he asks for; lower than what was sent where he has not read it yet
   */
  covers(id: string, from: number): boolean {
    return this.#standings.has(id) || from < (this.reached.get(id) ?? 0)
  }

  /** The next group; undefined after the last. O(log entries + size of the group). */
  next(now: number): WireGroup | undefined {
    for (const [id, standing] of this.#standings) {
      const source = this.#source(id)
      // Of another life the other side begins anew, with what its next digest asks for.
      const isSameLife = source?.map.generation === standing.generation
      const lack = isSameLife ? lackOf(source.map, standing) : undefined
      if (source !== undefined && lack !== undefined) return this.#groupOf(source, standing, lack, now)
      this.#standings.delete(id)
      if (isSameLife) this.reached.set(id, standing.maxVersionSeen)
    }
    return undefined
  }

  #groupOf(source: ReturnType<MapSource> & object, standing: Standing, lack: Lack, now: number): WireGroup {
    // Field by field: a peer is a view, and a copy of it would have none.
    const { map, transport, isOld = false } = source
    const group = slice({ map, transport, isOld, ...lack }, this.#groupBytesMax, now)
    this.#standings.set(map.id, {
      generation: group.generation,
      gcVersion: Math.max(standing.gcVersion, group.gcVersion),
      maxVersionSeen: group.maxVersion,
    })
    return group
  }
}

/** One who starts at 0 is told so by the first group; any other has forgotten what I have. */
function standingOf({ map, from }: { readonly map: PeerMap; readonly from: number }): Standing {
  const { generation, gcVersion } = map
  return { generation, gcVersion: from === 0 ? 0 : gcVersion, maxVersionSeen: from }
}
