/** A short way to say where rows go. */

import { NO_ROW, RowMoves } from '../../src/core/membership/index.ts'

/** The row `sources[i]` goes to i; `NO_ROW` is a new row. */
export function movesTo(...sources: readonly number[]): RowMoves {
  const moves = new RowMoves()
  for (const source of sources) {
    if (source === NO_ROW) moves.insert()
    else moves.keep(source, 1)
  }
  return moves
}
