/** What a check of services is: it follows every life, does what steps ask of it, and looks at everything in the end. */

import type { Journal } from './journal.ts'
import type { ServiceLife } from './life.ts'

/** What checks know of the run. */
export interface CheckPorts {
  readonly journal: Journal
  /** Present lives that are up, in the order of their names. */
  lives(): readonly ServiceLife[]
  /** The present life of a name, if it is up. */
  find(name: string): ServiceLife | undefined
}

/** Looks on. */
export interface ServiceCheck {
  /** A life begins, and has not started yet. */
  attach?(life: ServiceLife): void
  /** In peace: why nodes do not agree yet, in words. */
  missing?(): readonly string[]
  /** Everything is over: what can only be said now. */
  finish?(): void
}

/** The code of anything that went wrong; what has none is a fault. */
export function codeOf(error: unknown): string | undefined {
  const { code } = Object(error) as { readonly code?: unknown }
  return typeof code === 'string' && /^(GOSSIP|SIM)_[A-Z_]+$/.test(code) ? code : undefined
}

/** A failure that is made on purpose. */
export function purposeError(code: string): Error & { readonly code: string } {
  return Object.assign(new Error('on purpose'), { code })
}
