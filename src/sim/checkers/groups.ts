/**
 * What is passed on is what is held: a group names its copy's life and standing as they are, vouches for nothing beyond
 * them, and is never of a copy that is half-way through a reset.
 */

import type { OutMessage } from '../../core/index.ts'
import type { Copy } from '../process/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { groupsIn, type SeenGroup } from './messages.ts'

/** Looks at every deltas message as it is sent. */
export class GroupChecker implements Checker {
  readonly name = 'groups'
  readonly kind = 'safety'
  readonly #report: Report

  constructor(report: Report) {
    this.#report = report
  }

  onSend(machine: Machine, message: OutMessage): void {
    const { running } = machine
    if (message.kind !== 'deltas' || running.kind !== 'engine') return
    for (const group of groupsIn(message.payload)) {
      const copy = group.id === machine.id ? running.own() : running.copy(group.id)
      const problem = copy === undefined ? 'which it does not know' : problemOf(group, copy)
      if (problem !== undefined) this.#report(machine.name, `sent a group of ${group.id}, ${problem}`)
    }
  }
}

function problemOf(group: SeenGroup, copy: Copy): string | undefined {
  if (group.generation !== copy.generation) return `of generation ${group.generation}, and holds ${copy.generation}`
  if (copy.maxVersionSeen < copy.gcVersion) return `half-way through a reset`
  if (group.gcVersion !== copy.gcVersion) return `gcVersion ${group.gcVersion}, and holds ${copy.gcVersion}`
  if (group.maxVersion > copy.maxVersionSeen) return `up to ${group.maxVersion}, and holds ${copy.maxVersionSeen}`
  if (group.top < copy.maxVersionSeen) return `top ${group.top}, and holds ${copy.maxVersionSeen}`
  return undefined
}
