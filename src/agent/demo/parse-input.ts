/** Keys and values out of a text: a JSON object, or lines of `{"key": …, "value": …}`. Refusals say where and why. */

import { admitJson, GossipError, isName, isPlainObject, type JsonValue, NAME_BYTES_MAX } from '../../core/index.ts'
import { shownCount, shownName, shownText, UsageError } from '../cli/index.ts'
import { readJson } from './json-text.ts'

/** Keys with their values, in the order of the text. */
export type InputEntries = ReadonlyMap<string, JsonValue>

/** What a text is checked against. */
export interface InputRules {
  /** The name of the text in messages. */
  readonly name: string
  /** Whether it is lines; undefined: find out. */
  readonly isLines: boolean | undefined
  /** Largest value, bytes of JSON. */
  readonly valueBytesMax: number
}

/** Keys with this beginning belong to the library. */
const RESERVED_PREFIX = '$gossip/'
/** So many problems are told at most. */
const PROBLEMS_MAX = 10

/**
 * Reads entries.
 *
 * @throws {UsageError} `GOSSIP_INPUT_INVALID`: not JSON, not the right shape, no entries, or entries that cannot be set
 */
export function parseInput(text: string, rules: InputRules): InputEntries {
  const collector = new Collector(rules)
  if (rules.isLines ?? looksLikeLines(text)) collectLines(text, collector)
  else collectObject(text, collector)
  return collector.finish()
}

/** One JSON value alone on the first line that says anything, and more lines after it. */
function looksLikeLines(text: string): boolean {
  const [first = '', ...rest] = text.split('\n').filter((line) => line.trim() !== '')
  const read = readJson(first)
  if (!('value' in read) || !isPlainObject(read.value)) return false
  const { value } = read
  return rest.length > 0 || (typeof value['key'] === 'string' && Object.keys(value).length === 2 && 'value' in value)
}

function collectLines(text: string, collector: Collector): void {
  for (const [i, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue
    const where = `line ${i + 1}`
    const read = readJson(line)
    if ('problem' in read) {
      collector.refuse(where, shownText(read.problem))
      continue
    }
    const { value: entry } = read
    if (!isPlainObject(entry) || typeof entry['key'] !== 'string' || entry['value'] === undefined) {
      collector.refuse(where, 'has to be an object like {"key": "color", "value": "red"}')
    } else {
      collector.add(where, entry['key'], entry['value'])
    }
  }
}

function collectObject(text: string, collector: Collector): void {
  const read = readJson(text)
  if ('problem' in read) {
    collector.refuse(`line ${read.line}`, shownText(read.problem))
    return
  }
  if (!isPlainObject(read.value)) {
    collector.refuse('line 1', 'has to begin an object, one field a key, or lines of {"key": …, "value": …}')
    return
  }
  for (const [key, value] of Object.entries(read.value)) collector.add(`key ${shownName(key)}`, key, value)
}

/** Gathers entries, and problems until there are too many of them. */
class Collector {
  readonly #rules: InputRules
  readonly #entries = new Map<string, JsonValue>()
  readonly #problems: string[] = []
  #problemCount = 0

  constructor(rules: InputRules) {
    this.#rules = rules
  }

  refuse(where: string, problem: string): void {
    this.#problemCount++
    if (this.#problems.length < PROBLEMS_MAX) this.#problems.push(`${where}: ${problem}`)
  }

  add(where: string, key: string, value: unknown): void {
    const problem = this.#problemOfKey(key)
    if (problem !== undefined) {
      this.refuse(where, problem)
      return
    }
    try {
      const { value: admitted, bytes } = admitJson(value)
      const { valueBytesMax } = this.#rules
      if (bytes <= valueBytesMax) this.#entries.set(key, admitted)
      else this.refuse(where, `the value takes ${shownCount(bytes)} bytes, the limit is ${shownCount(valueBytesMax)}`)
    } catch (error) {
      if (!(error instanceof GossipError)) throw error
      this.refuse(where, `the value cannot be replicated: ${error.message}`)
    }
  }

  finish(): InputEntries {
    if (this.#problemCount === 0 && this.#entries.size === 0) this.refuse('line 1', 'there are no keys')
    if (this.#problemCount === 0) return this.#entries
    const more = this.#problemCount - this.#problems.length
    const lines = more > 0 ? [...this.#problems, `and ${shownCount(more)} more`] : this.#problems
    throw new UsageError('GOSSIP_INPUT_INVALID', [`${this.#rules.name} cannot be used`, ...lines].join('\n  '))
  }

  #problemOfKey(key: string): string | undefined {
    if (!isName(key)) return `a key has to be a text of 1 to ${NAME_BYTES_MAX} bytes`
    if (key.startsWith(RESERVED_PREFIX)) return `a key must not begin with ${RESERVED_PREFIX}`
    return this.#entries.has(key) ? `the key ${shownName(key)} stands here a second time` : undefined
  }
}
