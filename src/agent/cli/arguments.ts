/** Reads what was typed after a command's name, strictly: whatever is not understood is refused with what to do. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type Command, Given } from './command.ts'
import { UsageError } from './errors.ts'

/**
 * Reads the options and arguments of a command. Where help is asked for, no argument is missed.
 *
 * @param words - what stands after the command's name
 * @throws {UsageError} an unknown option, a missing value or argument, or a word that belongs to nothing
 */
export function parseArguments(command: Command, words: readonly string[]): Given {
  const { values, positionals } = parsed(command, words)
  const texts: Record<string, readonly string[]> = {}
  const switches = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    if (value === true) switches.add(name)
    else if (Array.isArray(value)) texts[name] = value.filter((item) => typeof item === 'string')
    else if (typeof value === 'string') texts[name] = [value]
  }
  return new Given(texts, switches, namedArguments(command, positionals, switches.has('help')))
}

function namedArguments(
  command: Command,
  words: readonly string[],
  isHelpAsked: boolean,
): Readonly<Record<string, readonly string[]>> {
  const { arguments: declared = [] } = command
  const isOpen = declared.at(-1)?.isRepeatable === true
  const stray = words[declared.length]
  if (stray !== undefined && !isOpen) {
    throw new UsageError('GOSSIP_ARGUMENT_UNEXPECTED', `Unexpected argument '${stray}': ${adviceFor(command)}`)
  }
  const missing = declared[words.length]
  if (missing !== undefined && missing.isRepeatable !== true && !isHelpAsked) {
    throw new UsageError('GOSSIP_ARGUMENT_MISSING', `${missing.name} is missing: ${adviceFor(command)}`)
  }
  return Object.fromEntries(
    declared.map(({ name, isRepeatable }, i) => [name, isRepeatable === true ? words.slice(i) : words.slice(i, i + 1)]),
  )
}

function parsed(command: Command, words: readonly string[]): ReturnType<typeof parseArgs> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } }
  for (const [name, { value, isRepeatable }] of Object.entries(command.options)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: isRepeatable === true }
  }
  const hasArguments = (command.arguments ?? []).length > 0
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: hasArguments })
  } catch (error) {
    throw usageError(command, error)
  }
}

function usageError(command: Command, error: unknown): unknown {
  if (!(error instanceof TypeError) || !('code' in error)) return error
  const advice = adviceFor(command)
  // The runtime adds hints of its own after the first sentence, which know nothing of this command.
  const [problem = ''] = error.message.split(/\. |\n/)
  switch (error.code) {
    case 'ERR_PARSE_ARGS_UNKNOWN_OPTION':
      return new UsageError('GOSSIP_OPTION_UNKNOWN', `${problem}: ${advice}`, error)
    case 'ERR_PARSE_ARGS_UNEXPECTED_POSITIONAL':
      return new UsageError('GOSSIP_ARGUMENT_UNEXPECTED', `${problem}: ${advice}`, error)
    case 'ERR_PARSE_ARGS_INVALID_OPTION_VALUE':
      return new UsageError('GOSSIP_ARGUMENT_INVALID', `${problem}: ${advice}`, error)
    default:
      return error
  }
}

function adviceFor({ name }: Command): string {
  return `gossipmonger ${name} --help lists what there is`
}
