/** What a case is: a claim about a transport, what it takes to make it, and how it is put to the test. */

import type { ResolvedFixture } from './fixture.ts'
import { canInspect } from './runtime.ts'
import type { PlayOptions, Scene } from './scene.ts'

/** What a case asks of a fixture, or of the runtime. */
export type Need =
  | 'listens'
  | 'addressable'
  | 'canReopen'
  | 'diallers'
  | 'ordered'
  | 'limited'
  | 'reportsUnreachable'
  | 'rpc'
  | 'hello'
  | 'sessions'
  | 'bulk'
  | 'keeps everything'
  | 'a dead peer'
  | 'malformed addresses'
  | 'a wire'
  | 'an inspecting runtime'

/** A case as it is written. */
export interface CaseDefinition {
  /** The part of the contract and the claim, one of a kind. */
  readonly name: string
  readonly needs: readonly Need[]
  readonly play: (scene: Scene) => Promise<void>
}

/** A case as a test runner takes it. */
export interface ConformanceCase {
  readonly name: string
  readonly needs: readonly Need[]
  /**
   * Plays it, with transports of its own, which are closed at its end.
   *
   * @throws {ConformanceError} as a rejection: the transport broke the contract
   */
  readonly run: (options?: PlayOptions) => Promise<void>
}

/** A case that a fixture does not call for. */
export interface SkippedCase {
  readonly name: string
  readonly needs: readonly Need[]
  readonly reason: string
}

const DECLARED = [
  'listens',
  'addressable',
  'canReopen',
  'diallers',
  'ordered',
  'limited',
  'reportsUnreachable',
  'rpc',
  'hello',
  'sessions',
  'bulk',
] as const

/**
 * Why a fixture does not call for a case.
 *
 * @returns the first reason, or undefined if it does
 */
export function reasonToSkip(needs: readonly Need[], fixture: ResolvedFixture): string | undefined {
  for (const need of needs) {
    const reason = reasonAgainst(need, fixture)
    if (reason !== undefined) return reason
  }
  return undefined
}

function reasonAgainst(need: Need, fixture: ResolvedFixture): string | undefined {
  const { capabilities, malformedAddresses, unreachableAddress, silentAddress } = fixture
  const declared = DECLARED.find((name) => name === need)
  if (declared !== undefined) return capabilities[declared] ? undefined : `the fixture does not declare ${declared}`
  switch (need) {
    case 'keeps everything':
      if (capabilities.lossy) return 'the fixture declares lossy'
      return capabilities.newestWins ? 'the fixture declares newestWins' : undefined
    case 'a dead peer':
      if (capabilities.listens || unreachableAddress !== undefined || silentAddress !== undefined) return undefined
      return 'the fixture has neither unreachableAddress nor silentAddress'
    case 'malformed addresses':
      return malformedAddresses.length > 0 ? undefined : 'the fixture names no malformedAddresses'
    case 'a wire':
      return fixture.injectGarbage === undefined ? 'the fixture has no injectGarbage' : undefined
    default:
      return canInspect() ? undefined : 'this runtime counts neither handles nor memory'
  }
}
