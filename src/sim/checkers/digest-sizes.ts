/** A digest exceeds its budget only where there was no room for the own entry and one more. */

import type { OutMessage, ResolvedEngineOptions } from '../../core/index.ts'
import type { Machine } from '../world/index.ts'
import type { Checker, Report } from './checker.ts'
import { itemsIn } from './messages.ts'

const ITEMS_MIN = 2

/** Looks at every digest that is larger than its budget. */
export class DigestSizeChecker implements Checker {
  readonly name = 'digest sizes'
  readonly kind = 'safety'
  readonly #bytesMax: number
  readonly #report: Report

  constructor(options: ResolvedEngineOptions, report: Report) {
    this.#bytesMax = options.digestBytesMax
    this.#report = report
  }

  onSend(machine: Machine, message: OutMessage, bytes: number): void {
    if (message.kind !== 'digest' || machine.isFirstGeneration || bytes <= this.#bytesMax) return
    const items = itemsIn(message.payload).length
    if (items <= ITEMS_MIN) return
    this.#report(machine.name, `sent a digest of ${items} items and ${bytes} bytes, the limit is ${this.#bytesMax}`)
  }
}
