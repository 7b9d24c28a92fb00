/** Reads what was typed after a command's name, strictly: whatever is not understood is refused with what to do. */

import { type ParseArgsConfig, parseArgs } from 'node:util'
import { type Command, Given } from './command.ts'
import { UsageError } from './errors.ts'

/**
 * Reads the options of a command.
 *
 * @param words - what stands after the command's name
 * @throws {UsageError} an unknown option, a missing value, or a word that belongs to nothing
 */
export function parseArguments(command: Command, words: readonly string[]): Given {
  const { values } = parsed(command, words)
  const texts: Record<string, readonly string[]> = {}
  const switches = new Set<string>()
  for (const [name, value] of Object.entries(values)) {
    if (value === true) switches.add(name)
    else if (Array.isArray(value)) texts[name] = value.filter((item) => typeof item === 'string')
    else if (typeof value === 'string') texts[name] = [value]
  }
  return new Given(texts, switches)
}

function parsed(command: Command, words: readonly string[]): ReturnType<typeof parseArgs> {
  const options: NonNullable<ParseArgsConfig['options']> = { help: { type: 'boolean', short: 'h' } }
  for (const [name, { value, isRepeatable }] of Object.entries(command.options)) {
    options[name] = { type: value === undefined ? 'boolean' : 'string', multiple: isRepeatable === true }
  }
  try {
    return parseArgs({ args: [...words], options, strict: true, allowPositionals: false })
  } catch (error) {
    throw usageError(command, error)
  }
}

function usageError(command: Command, error: unknown): unknown {
  if (!(error instanceof TypeError) || !('code' in error)) return error
  const advice = `gossipmonger ${command.name} --help lists what there is`
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
