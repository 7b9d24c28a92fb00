/** All checkers of a world, ready to look on. */

import type { ResolvedEngineOptions } from '../../core/index.ts'
import type { World } from '../world/index.ts'
import { BudgetChecker } from './budgets.ts'
import type { Checker, Violation } from './checker.ts'
import { ConflictChecker } from './conflicts.ts'
import { DamageChecker } from './damage.ts'
import { EventOrderChecker } from './event-order.ts'
import { FalseDeathChecker } from './false-death.ts'
import { Ledger } from './ledger.ts'
import { MonotonicChecker } from './monotonic.ts'
import { PrefixChecker } from './prefix.ts'
import { ResurrectionChecker } from './resurrection.ts'
import { StaleReadChecker } from './stale-reads.ts'

/**
 * Makes them and puts them among the world's observers, the ledger of writes first.
 *
 * @param take - told of every violation
 */
export function createCheckers(
  world: World,
  options: ResolvedEngineOptions,
  take: (violation: Violation) => void,
): readonly Checker[] {
  const ledger = new Ledger()
  const reports = (checker: Pick<Checker, 'name' | 'kind'>) => (node: string, problem: string) =>
    take({ checker: checker.name, kind: checker.kind, at: world.now, node, problem })
  const safety = (name: string): ReturnType<typeof reports> => reports({ name, kind: 'safety' })
  const policy = (name: string): ReturnType<typeof reports> => reports({ name, kind: 'policy' })
  const checkers: readonly Checker[] = [
    new PrefixChecker(world, ledger, safety('prefix')),
    new StaleReadChecker(world, safety('stale reads')),
    new MonotonicChecker(world, safety('monotonic')),
    new ResurrectionChecker(world, safety('resurrection')),
    new EventOrderChecker(safety('event order')),
    new BudgetChecker(world, options, safety('budgets')),
    new DamageChecker(world, safety('damage')),
    new FalseDeathChecker(world, options, policy('false death')),
    new ConflictChecker(world, policy('conflicts')),
  ]
  world.observers.push(ledger, ...checkers)
  return checkers
}
