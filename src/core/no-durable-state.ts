/**
 * What bundlers put in the place of `durable-state.ts` for browsers (see the field `browser` of package.json): no storage
 * of this library runs in a page, so pages need not load what keeps one.
 */

import { InvalidOptionError } from './errors.ts'

/** Refuses a storage. */
export class DurableState {
  /** @throws {InvalidOptionError} always: whoever makes one was given a storage */
  constructor() {
    throw new InvalidOptionError('storage', 'left out in a browser', {})
  }
}
