/**
 * The ring: events add up to what it shows and are told for changes only; in peace all nodes are members everywhere,
 * and everybody computes the same owners and the same circle.
 */

import type { CheckPorts, ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'

type Neighbour = 'successor' | 'predecessor'

interface Told {
  readonly members: Set<string>
  readonly neighbours: { [which in Neighbour]?: string | undefined }
  status: string
}

const VALUES = Array.from({ length: 20 }, (_, index) => `value ${index}`)
const OWNERS = 3

/** See the head of this file. */
export class RingsCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  readonly #told = new Map<ServiceLife, Told>()

  constructor(ports: CheckPorts) {
    this.#ports = ports
  }

  attach(life: ServiceLife): void {
    const { ring } = life
    const { journal } = this.#ports
    const told: Told = { members: new Set(ring.members), neighbours: {}, status: ring.status() }
    this.#told.set(life, told)
    ring.on('members', ({ joined, gone }) => {
      journal.count('memberChanges')
      journal.note(life.label, 'members', { joined: [...joined], gone: [...gone] })
      if (joined.length + gone.length === 0) this.#object(life, 'is told of no change')
      for (const id of joined) {
        if (told.members.has(id)) this.#object(life, `is told twice that ${id} joined`)
        told.members.add(id)
      }
      for (const id of gone)
        if (!told.members.delete(id)) this.#object(life, `is told that ${id} is gone, who was not there`)
    })
    ring.on('environment::*', (peer, which) => {
      journal.note(life.label, which, { peer: peer?.id })
      if (told.neighbours[which] === peer?.id) this.#object(life, `is told again that its ${which} is ${peer?.id}`)
      told.neighbours[which] = peer?.id
    })
    ring.on('status::*', ({ from, to }) => {
      journal.note(life.label, 'status', { to })
      if (told.status !== from || from === to) this.#object(life, `is told ${from} to ${to}, and was ${told.status}`)
      told.status = to
    })
  }

  missing(): readonly string[] {
    const lives = this.#ports.lives()
    const names = lives.map(({ name }) => name)
    const problems = lives.flatMap((life) => this.#problemsOf(life, [...names].sort().join()))
    // Whoever disagrees on members disagrees on owners, and says so already.
    return problems.length > 0 ? problems : [...ownerProblems(lives), ...circleProblems(lives)]
  }

  #problemsOf(life: ServiceLife, all: string): string[] {
    const { ring } = life
    const members = [...ring.members].sort().join()
    if (members !== all) return [`${life.label} has the members ${members || 'none'} in its ring and not ${all}`]
    const told = this.#told.get(life)
    if ([...(told?.members ?? [])].sort().join() !== all) return [`${life.label} was not told who is in its ring`]
    return (['successor', 'predecessor'] as const).flatMap((which) =>
      told?.neighbours[which] === ring[which]?.id
        ? []
        : [`${life.label} was not told that its ${which} is ${ring[which]?.id}`],
    )
  }

  #object(life: ServiceLife, problem: string): void {
    this.#ports.journal.object('ring', life.label, problem)
  }
}

function ownerProblems(lives: readonly ServiceLife[]): string[] {
  return VALUES.flatMap((value) => {
    const named = lives.map(({ ring }) =>
      ring
        .ownersOf(value, OWNERS)
        .map(({ peer }) => peer.id)
        .join(),
    )
    const responsible = lives.filter(({ ring }) => ring.isResponsibleFor(value)).length
    if (new Set(named).size > 1) return [`${JSON.stringify(value)} has the owners ${named.join(' or ')}`]
    return responsible === 1 || lives.length === 0 ? [] : [`${JSON.stringify(value)} has ${responsible} owners`]
  })
}

/** Everybody is the predecessor of his successor. */
function circleProblems(lives: readonly ServiceLife[]): string[] {
  return lives.flatMap(({ name, ring }) => {
    const next = lives.find((other) => other.name === ring.successor?.id)
    if (next === undefined) return lives.length > 1 ? [`${name} has no successor`] : []
    return next.ring.predecessor?.id === name ? [] : [`${next.name} comes after ${name}, and does not think so`]
  })
}
