/** The receiving end of a bulk transfer: bytes in, groups out, each as soon as it is whole. */

import { InvalidValueError, MalformedMessageError } from '../../core/index.ts'
import { GroupReader, type GroupReaderOptions } from './group-reader.ts'
import { JsonReader } from './json-reader.ts'
import { Utf8Reader } from './utf8-reader.ts'

/** Reads one bulk document. Holds one group at most, and of it one value at most. */
export class BulkDecoder {
  readonly #bytes = new Utf8Reader()
  readonly #json: JsonReader

  /** @param options - limits, and where the groups go */
  constructor(options: GroupReaderOptions) {
    this.#json = new JsonReader(new GroupReader(options))
  }

  /** Whether the document has come to its end. */
  get isOver(): boolean {
    return this.#json.isOver
  }

  /**
   * Takes the next bytes. Groups are handed on within the call.
   *
   * @throws {MalformedMessageError} it is no bulk document, or exceeds a limit; groups that were handed on stand. It is
   *   then of no more use
   */
  push(chunk: Uint8Array): void {
    this.#attempt(() => this.#json.push(this.#bytes.push(chunk)))
  }

  /**
   * The bytes have ended.
   *
   * @throws {MalformedMessageError} the document has not
   */
  finish(): void {
    this.#attempt(() => {
      this.#bytes.finish()
      this.#json.finish()
    })
  }

  #attempt(read: () => void): void {
    try {
      read()
    } catch (cause) {
      if (!(cause instanceof InvalidValueError)) throw cause
      const error = new MalformedMessageError(`a value ${cause.message}`)
      error.cause = cause
      throw error
    }
  }
}
