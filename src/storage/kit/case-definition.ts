/** What a case is made of. */

import type { Stage } from './stage.ts'

/** A promise of the contract, and how it is put to the test. */
export interface CaseDefinition {
  readonly name: string
  readonly play: (stage: Stage) => Promise<void>
}
