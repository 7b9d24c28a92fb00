/** Breakages of how a node deals with its own id: R14 and R23. */

import type { Mutant } from '../mutant.ts'

const IDENTITY = 'src/core/engine/identity.ts'

/** In the order of the rules. */
export const IDENTITY_BREAKAGES: readonly Mutant[] = [
  {
    name: 'news-of-myself-ignored',
    rule: 'R14',
    file: IDENTITY,
    find: "if (context.hasLeft || context.phase !== 'running') return",
    replace: 'if (context.transport !== undefined) return',
  },
  {
    name: 'group-about-myself-applied',
    rule: 'R14',
    file: 'src/core/engine/receive.ts',
    find: 'if (given.id === context.id) {',
    replace: "if (given.id === '') {",
  },
  {
    name: 'takeover-below-what-was-seen',
    rule: 'R14',
    file: IDENTITY,
    find: 'return takeOver(context, news.generation, now)',
    replace: 'return takeOver(context, map.generation, now)',
    stage: 'lives',
  },
  {
    name: 'first-takeover-is-a-conflict',
    rule: 'R14',
    file: 'src/core/membership/takeovers.ts',
    find: 'if (this.#times.length >= ALLOWED) return false',
    replace: 'if (ALLOWED > 0) return false',
    stage: 'lives',
  },
  {
    name: 'second-process-never-found-out',
    rule: 'R14',
    file: 'src/core/membership/takeovers.ts',
    find: 'if (this.#times.length >= ALLOWED) return false',
    replace: '',
    stage: 'lives',
  },
  {
    name: 'generation-continued-by-the-next-process',
    rule: 'R23',
    file: IDENTITY,
    find: 'return seen + 1 + Math.floor(random() * CHANCE_GENERATIONS)',
    replace: 'return seen + Math.floor(random() * 0 * CHANCE_GENERATIONS)',
    stage: 'lives',
  },
]
