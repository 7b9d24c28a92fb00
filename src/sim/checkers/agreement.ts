/** Whether everybody agrees, and if not, who lacks what: the words a person needs to see why. */

import type { Process } from '../process/index.ts'
import type { Machine, World } from '../world/index.ts'
import { standing } from './ledger.ts'

/** How many disagreements are told at most. */
const SHOWN_MAX = 20

/**
 * What is not yet as it must be once faults have stopped: every node that is up holds every other one live and has its
 * exact map, holds nobody live who is down, and has the same map of those who are gone as all others that still have one.
 * Empty when all agree. O(nodes²).
 */
export function disagreements(world: World): readonly string[] {
  const readers = [...world.machines.values()].filter((machine) => machine.status === 'up' && !machine.running.isFrozen)
  const owners = new Map(readers.map((machine) => [machine.id, machine]))
  const problems = readers
    .filter((machine) => owners.get(machine.id) !== machine)
    .map((machine) => `${machine.name} and ${owners.get(machine.id)?.name ?? ''} both run as ${machine.id}`)
  for (const reader of readers) {
    for (const problem of problemsOf(reader, owners, world)) {
      if (problems.push(`${reader.name}: ${problem}`) === SHOWN_MAX) return problems
    }
  }
  for (const problem of differencesAboutTheGone(readers, owners)) {
    if (problems.push(problem) === SHOWN_MAX) return problems
  }
  return problems
}

/** The map of a peer that is gone travels on; a copy that its owner left half-way through a reset cannot. */
function* differencesAboutTheGone(
  readers: readonly Machine[],
  owners: ReadonlyMap<string, Machine>,
): Generator<string, undefined> {
  const first = new Map<string, { readonly reader: string; readonly standing: string }>()
  for (const { name, running } of readers) {
    if (running.kind !== 'engine') continue
    for (const { id } of running.peers()) {
      const copy = owners.has(id) ? undefined : running.copy(id)
      if (copy === undefined || copy.maxVersionSeen === 0 || copy.maxVersionSeen < copy.gcVersion) continue
      const here = `generation ${copy.generation}, ${standing(copy)}`
      const there = first.get(id)
      if (there === undefined) first.set(id, { reader: name, standing: here })
      else if (there.standing !== here)
        yield `${name}: ${id} stands at ${here}, but at ${there.reader} at ${there.standing}`
    }
  }
  return undefined
}

function* problemsOf(
  reader: Machine,
  owners: ReadonlyMap<string, Machine>,
  world: World,
): Generator<string, undefined> {
  const process = reader.running
  for (const owner of owners.values()) {
    const problem = owner === reader || owner.id === reader.id ? undefined : problemWith(process, reader, owner, world)
    if (problem !== undefined) yield problem
  }
  for (const { id, status } of process.peers()) {
    if (!owners.has(id) && (status === 'live' || status === 'unproven')) yield `${id} is ${status}, but it is not up`
  }
  return undefined
}

function problemWith(process: Process, reader: Machine, owner: Machine, world: World): string | undefined {
  const { id } = owner
  const peer = process.peer(id)
  if (peer === undefined) return `${id} is unknown`
  if (peer.status !== 'live') return `${id} is ${peer.status}`
  const copy = process.copy(id)
  const own = owner.running.own()
  if (copy === undefined) return `nothing is known of ${id}`
  if (process.kind === 'first generation' || owner.running.kind === 'first generation') {
    const [mine, theirs] = [copy.readable(reader.localNow(world.now)), own.readable(owner.localNow(world.now))].map(
      shown,
    )
    return mine === theirs ? undefined : `${id} reads ${mine}, but it is ${theirs}`
  }
  const [here, there] = [copy, own].map((map) => `generation ${map.generation}, ${standing(map)}, ${map.hash}`)
  if (here !== there) return `${id} stands at ${here}, but its owner at ${there}`
  return copy.isStale ? `${id} is stale` : undefined
}

/** Values in the order of keys. A key that is null is gone, as far as the first generation can say so. */
function shown(entries: Iterable<{ readonly key: string; readonly value: unknown }>): string {
  const present = [...entries].filter(({ value }) => value !== null).sort((a, b) => (a.key < b.key ? -1 : 1))
  return JSON.stringify(present.map(({ key, value }) => [key, value]))
}
