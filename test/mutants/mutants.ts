/** All mutants, by the part of the engine they break. */

import { EXCHANGE_BREAKAGES } from './breakages/exchange.ts'
import { IDENTITY_BREAKAGES } from './breakages/identity.ts'
import { LIFE_BREAKAGES } from './breakages/life.ts'
import { STATE_BREAKAGES } from './breakages/state.ts'
import type { Mutant } from './mutant.ts'

/** In the order in which they are tried. */
export const MUTANTS: readonly Mutant[] = [
  ...STATE_BREAKAGES,
  ...EXCHANGE_BREAKAGES,
  ...IDENTITY_BREAKAGES,
  ...LIFE_BREAKAGES,
]
