/**
 * Stands before the parser and is as strict as JSON where the parser is lenient: which escapes there are, and that nothing
 * below a blank stands anywhere. It also keeps an escape whole, whatever the chunks.
 */

import { MalformedMessageError } from '../../core/index.ts'

const QUOTE = 0x22
const BACKSLASH = 0x5c
const SMALL_U = 0x75
const BLANK = 0x20
/** `\uXXXX` */
const LONG_ESCAPE_LENGTH = 6
const SHORT_ESCAPES = '"\\/bfnrt'

/** Looks at every character of one text once. */
export class TextGate {
  #isInString = false
  /** An escape that the last chunk has cut. */
  #rest = ''

  /**
   * What may go on to the parser: the text, less an escape at its end that is not whole.
   *
   * @throws {MalformedMessageError} a control character, a blank outside of strings, an escape that JSON does not know
   */
  pass(chunk: string): string {
    const text = this.#rest === '' ? chunk : this.#rest + chunk
    this.#rest = ''
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (this.#isInString) {
        if (unit < BLANK) throw malformed('a control character stands in a string')
        if (unit === QUOTE) this.#isInString = false
        else if (unit === BACKSLASH) {
          const length = escapeLength(text, i)
          if (length === 0) {
            this.#rest = text.slice(i)
            return text.slice(0, i)
          }
          i += length - 1
        }
      } else if (unit <= BLANK) throw malformed('a blank stands between its parts')
      else if (unit === QUOTE) this.#isInString = true
    }
    return text
  }
}

/** How long the escape at a place is; 0 where its end is not there yet. */
function escapeLength(text: string, at: number): number {
  if (at + 1 >= text.length) return 0
  if (text.charCodeAt(at + 1) !== SMALL_U) {
    if (SHORT_ESCAPES.includes(text.charAt(at + 1))) return 2
    throw malformed('there is no such escape')
  }
  const digits = text.slice(at + 2, at + LONG_ESCAPE_LENGTH)
  if (!/^[\dA-Fa-f]*$/.test(digits)) throw malformed('an escape has other than hexadecimal digits')
  return digits.length < LONG_ESCAPE_LENGTH - 2 ? 0 : LONG_ESCAPE_LENGTH
}

function malformed(problem: string): MalformedMessageError {
  return new MalformedMessageError(problem)
}
