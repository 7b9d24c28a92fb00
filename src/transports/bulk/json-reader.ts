/**
 * Steps of JSON while its text arrives: `clarinet` finds them, and what it lets pass that is no JSON is refused here. A
 * string is handed on in parts, so that a long one is never copied as a whole.
 */

import clarinet, { type Parser } from 'clarinet'
import { GossipError, MalformedMessageError } from '../../core/index.ts'
import { TextGate } from './text-gate.ts'

/**
 * Who is told of the steps, in order; what it throws ends the reading. Parts of an object's first key may come before
 * the object is opened.
 */
export interface JsonSteps {
  /** A part of a string or key; its end follows. Never cuts a surrogate pair that is whole. */
  part(text: string): void
  /** The parts so far were a string. */
  string(): void
  /** The parts so far were a key. */
  key(): void
  number(value: number): void
  literal(value: boolean | null): void
  openObject(): void
  closeObject(): void
  openArray(): void
  closeArray(): void
}

/** The parser refuses to hold 64 Ki of one string, so it is never given that much at once. */
const WRITE_LENGTH_MAX = 32_768
/** A string that has come this far is handed on before its end. */
const PART_LENGTH_MIN = 4_096
const NUMBER_LENGTH_MAX = 1_024
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:e[+-]?\d+)?$/

/** Reads one JSON text, an array or object, in chunks of any size. */
export class JsonReader {
  readonly #steps: JsonSteps
  readonly #gate = new TextGate()
  readonly #parser: Parser
  #depth = 0
  #isOver = false

  /** @param steps - who is told */
  constructor(steps: JsonSteps) {
    this.#steps = steps
    this.#parser = clarinet.parser()
    this.#listen()
  }

  /** Whether the text has come to its end. */
  get isOver(): boolean {
    return this.#isOver
  }

  /**
   * Reads on.
   *
   * @throws {MalformedMessageError} it is no JSON; the reader is then of no more use
   */
  push(chunk: string): void {
    const text = this.#gate.pass(chunk)
    for (let at = 0; at < text.length; at += WRITE_LENGTH_MAX) this.#write(text.slice(at, at + WRITE_LENGTH_MAX))
  }

  /**
   * The text has ended.
   *
   * @throws {MalformedMessageError} it is not whole
   */
  finish(): void {
    if (!this.#isOver) throw malformed('it has no end')
    this.#attempt(() => this.#parser.close())
    this.#assertNoSign()
  }

  #write(text: string): void {
    const parser = this.#parser
    this.#attempt(() => parser.write(text))
    if (parser.numberNode.length > NUMBER_LENGTH_MAX) throw malformed('a number is too long')
    const pending = parser.textNode
    if (pending === undefined || pending.length < PART_LENGTH_MIN) return
    // The second half of a pair may still be on its way as an escape of its own.
    const isCut = isHighSurrogate(pending.charCodeAt(pending.length - 1))
    parser.textNode = isCut ? pending.slice(-1) : ''
    this.#steps.part(isCut ? pending.slice(0, -1) : pending)
  }

  #attempt(parse: () => void): void {
    try {
      parse()
    } catch (error) {
      throw error instanceof GossipError ? error : malformed(error instanceof Error ? error.message : String(error))
    }
  }

  #listen(): void {
    const parser = this.#parser
    const steps = this.#steps
    parser.onerror = (error) => {
      throw malformed(`it is no JSON: ${error.message.split('\n')[0]}`)
    }
    parser.onopenobject = (firstKey) => {
      this.#open(firstKey === undefined ? 0 : 1)
      steps.openObject()
      if (firstKey !== undefined) this.#tellKey(firstKey)
    }
    parser.onkey = (key) => this.#tellKey(key)
    parser.oncloseobject = () => {
      this.#close()
      steps.closeObject()
    }
    parser.onopenarray = () => {
      this.#open(0)
      steps.openArray()
    }
    parser.onclosearray = () => {
      this.#close()
      steps.closeArray()
    }
    parser.onvalue = (value) => this.#tellValue(value)
  }

  /** @param behind - entries of the parser's own stack that are already there for this container */
  #open(behind: 0 | 1): void {
    this.#assertNoSign()
    // A text after a colon that is followed by another colon would open an object that nobody wrote.
    if (this.#isOver || this.#parser.stack.length !== this.#depth + behind)
      throw malformed('it is no JSON: a bad object')
    this.#depth++
  }

  #close(): void {
    this.#assertNoSign()
    this.#depth--
    if (this.#depth < 0 || this.#parser.stack.length !== this.#depth) throw malformed('it is no JSON: a bad end')
    if (this.#depth === 0) this.#isOver = true
  }

  #tellKey(key: string): void {
    if (key !== '') this.#steps.part(key)
    this.#steps.key()
  }

  #tellValue(value: string | number | boolean | null): void {
    if (this.#isOver) throw malformed('something follows its end')
    if (typeof value === 'number') {
      if (!NUMBER.test(this.#parser.numberNode)) throw malformed('it is no JSON: a bad number')
      this.#steps.number(value)
      return
    }
    this.#assertNoSign()
    if (typeof value !== 'string') this.#steps.literal(value)
    else {
      if (value !== '') this.#steps.part(value)
      this.#steps.string()
    }
  }

  /** A minus sign without digits behind it would be kept for the next number. */
  #assertNoSign(): void {
    if (this.#parser.numberNode !== '') throw malformed('it is no JSON: a bad number')
  }
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff
}

function malformed(problem: string): MalformedMessageError {
  return new MalformedMessageError(problem)
}
