/** All checkers of a world, ready to look on. */

import type { ResolvedEngineOptions } from '../../core/index.ts'
import type { World } from '../world/index.ts'
import { BudgetChecker } from './budgets.ts'
import type { Checker, Violation } from './checker.ts'
import { ConflictChecker } from './conflicts.ts'
import { DamageChecker } from './damage.ts'
import { EventOrderChecker } from './event-order.ts'
import { ExchangeChecker } from './exchanges.ts'
import { FalseDeathChecker } from './false-death.ts'
import { GenerationChecker } from './generations.ts'
import { GroupChecker } from './groups.ts'
import { HeartbeatChecker } from './heartbeats.ts'
import { LeaseChecker } from './leases.ts'
import { Ledger } from './ledger.ts'
import { MonotonicChecker } from './monotonic.ts'
import { OwnWritesChecker } from './own-writes.ts'
import { PrefixChecker } from './prefix.ts'
import { ProofChecker } from './proofs.ts'
import { ReaderChecker } from './reader.ts'
import { ResurrectionChecker } from './resurrection.ts'
import { Sight } from './sight.ts'
import { SilenceChecker } from './silences.ts'

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
  const sight = new Sight()
  const reports = (checker: Pick<Checker, 'name' | 'kind'>) => (node: string, problem: string) =>
    take({ checker: checker.name, kind: checker.kind, at: world.now, node, problem })
  const safety = (name: string): ReturnType<typeof reports> => reports({ name, kind: 'safety' })
  const policy = (name: string): ReturnType<typeof reports> => reports({ name, kind: 'policy' })
  const checkers: readonly Checker[] = [
    new PrefixChecker(world, ledger, safety('prefix')),
    new MonotonicChecker(world, safety('monotonic')),
    new ResurrectionChecker(world, safety('resurrection')),
    new ReaderChecker(world, safety('reader')),
    new EventOrderChecker(safety('event order')),
    new OwnWritesChecker(world, options, safety('own writes')),
    new LeaseChecker(world, safety('leases')),
    new GroupChecker(safety('groups')),
    new ExchangeChecker(sight, safety('exchanges')),
    new HeartbeatChecker(sight, safety('heartbeats')),
    new ProofChecker(sight, safety('proofs')),
    new SilenceChecker(world, sight, safety('silences')),
    new GenerationChecker(options, safety('generations')),
    new BudgetChecker(world, options, safety('budgets')),
    new DamageChecker(safety('damage')),
    new FalseDeathChecker(world, options, policy('false death')),
    new ConflictChecker(world, policy('conflicts')),
  ]
  world.observers.push(ledger, sight, ...checkers)
  return checkers
}
