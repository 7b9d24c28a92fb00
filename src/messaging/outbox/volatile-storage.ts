/** A storage that keeps nothing: for outboxes that live no longer than their process, in pages too. */

import type { Storage } from '../../core/index.ts'

/** Takes everything, and begins with nothing. */
export function volatileStorage(): Storage {
  return {
    open: async () => ({ generation: 0, entries: [], peers: [] }),
    append: async () => {},
    close: async () => {},
  }
}
