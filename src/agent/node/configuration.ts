/**
 * A file with the options of a node: JSON, by the names of the command line. What was typed wins over it. Nothing in it is
 * passed over: an unknown name or a value of the wrong kind is refused with the file and the name.
 */

import { readFileSync } from 'node:fs'
import { type GossipmongerOptions, isPlainObject } from '../../core/index.ts'
import { type Command, type CommandOption, Given, UsageError } from '../cli/index.ts'

/** Options of a node, from what was typed and from a file. */
export interface Configuration {
  /** What was typed, and of the file what was not. */
  readonly given: Given
  /** Options of the gossip itself, by their names in code; the node checks them. */
  readonly engine: Partial<GossipmongerOptions>
}

/** The option that names the file. */
const FILE = 'config'
/** The one name in a file that is no option of the command. */
const ENGINE = 'engine'
/** Options that are said in another way, or not by a file at all. */
const SAID_ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['acceptOldPeers', 'say accept-old-peers'],
  ['clusterId', 'say cluster'],
  ['fanout', 'say fanout, outside of engine'],
  ['gossipIntervalMs', 'say interval'],
  ['seeds', 'say join'],
  ['storage', 'say data'],
  ['system', 'it is for tests'],
  ['transport', 'say host and port'],
])

/**
 * Reads the file that `--config` names, if it was given.
 *
 * @throws {UsageError} it cannot be read, is no JSON object, has an unknown name, or a value of the wrong kind
 */
export function configurationOf(command: Command, given: Given): Configuration {
  const path = given.text(FILE)
  if (path === undefined) return { given, engine: {} }
  const { [ENGINE]: engine = {}, ...said } = readObject(path)
  const texts: Record<string, readonly string[]> = {}
  const switches = new Set<string>()
  for (const [name, value] of Object.entries(said)) {
    const option = command.options[name]
    if (option === undefined || name === FILE || !Object.hasOwn(command.options, name)) {
      throw new UsageError(
        'GOSSIP_OPTION_UNKNOWN',
        `${path}: unknown option '${name}': gossipmonger ${command.name} --help`,
      )
    }
    const read = textsOf(option, value)
    if (read === undefined) throw invalid(`${path}: ${name} must be ${ruleOf(option)}`)
    if (option.value !== undefined) texts[name] = read
    else if (value === true) switches.add(name)
  }
  return { given: given.over(new Given(texts, switches)), engine: engineOptions(path, engine) }
}

function readObject(path: string): Readonly<Record<string, unknown>> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new UsageError('GOSSIP_INPUT_UNREADABLE', `there is no configuration to read at ${path}`, cause)
  }
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new UsageError('GOSSIP_INPUT_INVALID', `${path} is no JSON: ${(cause as Error).message}`, cause)
  }
  if (isPlainObject(value)) return value
  throw new UsageError('GOSSIP_INPUT_INVALID', `${path} must hold one JSON object`)
}

/** A value as it would have been typed; undefined where it is of the wrong kind. */
function textsOf(option: CommandOption, value: unknown): readonly string[] | undefined {
  if (option.value === undefined) return typeof value === 'boolean' ? [] : undefined
  if (typeof value === 'string' || typeof value === 'number') return [String(value)]
  if (option.isRepeatable !== true) return undefined
  if (Array.isArray(value)) return value.every((item) => typeof item === 'string') ? value : undefined
  if (!isPlainObject(value) || !takesPairs(option)) return undefined
  const pairs = Object.entries(value)
  if (pairs.some(([key]) => key.includes('='))) return undefined
  return pairs.map(([key, item]) => `${key}=${JSON.stringify(item)}`)
}

function ruleOf(option: CommandOption): string {
  if (option.value === undefined) return 'true or false'
  if (takesPairs(option)) return 'an object of keys, without = in a key, and values, or KEY=VALUE, or a list of them'
  return option.isRepeatable === true ? 'a text, or a list of texts' : 'a text or a number'
}

function takesPairs({ value }: CommandOption): boolean {
  return value === 'KEY=VALUE'
}

function engineOptions(path: string, engine: unknown): Partial<GossipmongerOptions> {
  if (!isPlainObject(engine)) throw invalid(`${path}: ${ENGINE} must be an object`)
  for (const name of Object.keys(engine)) {
    const advice = SAID_ELSEWHERE.get(name)
    if (advice !== undefined) throw invalid(`${path}: ${ENGINE}.${name} has no place there: ${advice}`)
  }
  return engine
}

function invalid(problem: string): UsageError {
  return new UsageError('GOSSIP_ARGUMENT_INVALID', problem)
}
