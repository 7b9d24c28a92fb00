/**
 * A transfer between two transports of one process. It goes the way it would go over a wire, through slices of text and
 * bytes, one slice a step, so that nothing is shared and each side can stop.
 */

import { type BulkOffer, type BulkSink, type BulkSource, TransportError } from '../../core/index.ts'
import { BULK_STOPPED, BULK_UNWANTED } from './bulk-codes.ts'
import { BulkDecoder } from './bulk-decoder.ts'
import { BulkText } from './bulk-text.ts'

/** What lies between the two sides. */
export interface PassagePorts {
  /** Calls back later; each step is one. */
  schedule(step: () => void): void
  /** Why it cannot go on; undefined while both sides are there. Asked before every step. */
  cut(): Error | undefined
  /** Tells the receiving side; whoever takes it says so within the call. */
  offer(offer: BulkOffer): void
  /** Tells the receiving side what is wrong with what came. */
  tellError(error: Error): void
}

const encoder = new TextEncoder()

/** Offers a transfer, later, and carries it if it is taken. */
export function passBulk(source: BulkSource, ports: PassagePorts): void {
  const passage = new Passage(source, ports)
  ports.schedule(() => passage.open())
}

class Passage implements BulkOffer {
  readonly about: readonly string[]
  readonly #source: BulkSource
  readonly #ports: PassagePorts
  readonly #text: BulkText
  #state: 'offered' | 'running' | 'over' = 'offered'
  #sink: BulkSink | undefined
  #decoder: BulkDecoder | undefined

  constructor(source: BulkSource, ports: PassagePorts) {
    this.#source = source
    this.#ports = ports
    this.about = [...source.about]
    this.#text = new BulkText(source)
  }

  open(): void {
    const cut = this.#ports.cut()
    if (cut !== undefined) {
      this.#end(cut)
      return
    }
    this.#ports.offer(this)
    this.refuse(BULK_UNWANTED)
    this.#later()
  }

  accept(sink: BulkSink): void {
    if (this.#state !== 'offered') return
    this.#state = 'running'
    this.#sink = sink
    this.#decoder = new BulkDecoder({ valueBytesMax: sink.valueBytesMax, onGroup: (group) => this.#take(group) })
  }

  refuse(code: string): void {
    if (this.#state === 'offered') this.#end(refusal(code))
  }

  #later(): void {
    if (this.#state === 'running') this.#ports.schedule(() => this.#step())
  }

  #step(): void {
    const cut = this.#ports.cut()
    if (cut !== undefined) this.#end(cut)
    else {
      try {
        this.#move()
      } catch (error) {
        const problem = error instanceof Error ? error : new Error(String(error))
        this.#end(refusal(BULK_STOPPED))
        this.#ports.tellError(problem)
      }
    }
    this.#later()
  }

  #move(): void {
    const slice = this.#text.next()
    if (slice !== undefined) this.#decoder?.push(encoder.encode(slice))
    else {
      this.#decoder?.finish()
      this.#end(undefined)
    }
  }

  #take(group: unknown): void {
    if (this.#state !== 'running' || this.#sink?.take(group) === true) return
    this.#end(refusal(BULK_STOPPED))
  }

  #end(error: Error | undefined): void {
    if (this.#state === 'over') return
    this.#state = 'over'
    this.#sink?.end()
    this.#source.end(error)
  }
}

function refusal(code: string): TransportError {
  return new TransportError(code, `the peer does not take a transfer: ${code}`, { direction: 'outbound' })
}
