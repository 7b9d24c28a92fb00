/** All checkers of a world, ready to look on. */

import type { ResolvedEngineOptions } from '../../core/index.ts'
import type { World } from '../world/index.ts'
import { BudgetChecker } from './budgets.ts'
import type { Checker, Report, Violation, ViolationKind } from './checker.ts'
import { ConflictChecker } from './conflicts.ts'
import { DamageChecker } from './damage.ts'
import { DigestSizeChecker } from './digest-sizes.ts'
import { EventOrderChecker } from './event-order.ts'
import { ExchangeChecker } from './exchanges.ts'
import { FalseDeathChecker } from './false-death.ts'
import { GenerationChecker } from './generations.ts'
import { GroupChecker } from './groups.ts'
import { HastyVerdictChecker } from './hasty-verdicts.ts'
import { HeartbeatChecker } from './heartbeats.ts'
import { LeaseChecker } from './leases.ts'
import { Ledger } from './ledger.ts'
import { MonotonicChecker } from './monotonic.ts'
import { OwnWritesChecker } from './own-writes.ts'
import { PrefixChecker } from './prefix.ts'
import { ProofChecker } from './proofs.ts'
import { RefusalChecker } from './refusals.ts'
import { ResurrectionChecker } from './resurrection.ts'
import { Sight } from './sight.ts'
import { SilenceChecker } from './silences.ts'
import { StaleReadChecker } from './stale-reads.ts'
import { ToldChecker } from './told.ts'

/** Told of every violation. */
type Take = (violation: Violation) => void

/**
 * Makes them and puts them among the world's observers, the ledger of writes first.
 *
 * @param take - told of every violation
 */
export function createCheckers(world: World, options: ResolvedEngineOptions, take: Take): readonly Checker[] {
  return [...createStateCheckers(world, options, take), ...createProtocolCheckers(world, options, take)]
}

/**
 * Those that judge what nodes hold and what becomes of it; they believe whatever is said.
 *
 * @param take - told of every violation
 */
export function createStateCheckers(world: World, options: ResolvedEngineOptions, take: Take): readonly Checker[] {
  const ledger = new Ledger()
  const { safety, policy } = reportsOf(world, take)
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

/** Those that judge what is written, said and told, message by message. */
function createProtocolCheckers(world: World, options: ResolvedEngineOptions, take: Take): readonly Checker[] {
  const sight = new Sight()
  const { safety, policy } = reportsOf(world, take)
  const checkers: readonly Checker[] = [
    new OwnWritesChecker(world, options, safety('own writes')),
    new ToldChecker(world, safety('told')),
    new LeaseChecker(world, safety('leases')),
    new GroupChecker(safety('groups')),
    new ExchangeChecker(sight, safety('exchanges')),
    new DigestSizeChecker(options, safety('digest sizes')),
    new RefusalChecker(safety('refusals')),
    new HeartbeatChecker(safety('heartbeats')),
    new ProofChecker(sight, safety('proofs')),
    new SilenceChecker(world, sight, safety('silences')),
    new GenerationChecker(options, safety('generations')),
    new HastyVerdictChecker(world, options, policy('hasty verdicts')),
  ]
  world.observers.push(sight, ...checkers)
  return checkers
}

type ReportOf = (name: string) => Report

function reportsOf(world: World, take: Take): { readonly safety: ReportOf; readonly policy: ReportOf } {
  const reportOf =
    (kind: ViolationKind): ReportOf =>
    (checker) =>
    (node, problem) =>
      take({ checker, kind, at: world.now, node, problem })
  return { safety: reportOf('safety'), policy: reportOf('policy') }
}
