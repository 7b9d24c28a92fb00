/** What a mutant is: one small breakage of one rule, made by replacing a text in one source file. */

/** The rules of the protocol; `docs/ARCHITECTURE.md` and the tests in `test/core/rules` say what each demands. */
export type Rule =
  | 'R1'
  | 'R2'
  | 'R3'
  | 'R4'
  | 'R5'
  | 'R6'
  | 'R7'
  | 'R8'
  | 'R9'
  | 'R10'
  | 'R11'
  | 'R12'
  | 'R13'
  | 'R14'
  | 'R15'
  | 'R16'
  | 'R17'
  | 'R18'
  | 'R19'
  | 'R20'
  | 'R21'
  | 'R22'
  | 'R23'
  | 'R24'

/** One breakage. */
export interface Mutant {
  /** Unique; says what is wrong with it, in kebab-case. */
  readonly name: string
  readonly rule: Rule
  /** The source file, from the root of the repository. */
  readonly file: string
  /** Stands in the file exactly once. */
  readonly find: string
  readonly replace: string
  /** What follows from it, where that is not plain. */
  readonly why?: string
  /** The stage of the hunt that is known to catch it, so that it goes first. */
  readonly stage?: string
}
