/** From words to a command, and from its end to an exit status. */

import { GossipError, InvalidOptionError } from '../../core/index.ts'
import { parseArguments } from './arguments.ts'
import type { Command, Streams } from './command.ts'
import { UsageError } from './errors.ts'
import { commandText, overviewText } from './help.ts'
import { packageInfo } from './package-info.ts'

/** Exit statuses: all well, failed, not understood. */
const FAILED = 1
const MISUSED = 2

/**
 * Runs the command that the words name.
 *
 * @param words - the arguments of the process
 * @returns the status to exit with: 0 done, 1 failed, 2 not understood
 */
export async function runCommandLine(
  commands: readonly Command[],
  words: readonly string[],
  streams: Streams,
): Promise<number> {
  try {
    return await runWords(commands, words, streams)
  } catch (error) {
    if (!(error instanceof GossipError)) throw error
    streams.stderr.write(`gossipmonger: ${error.code}: ${error.message}\n`)
    return error instanceof UsageError || error instanceof InvalidOptionError ? MISUSED : FAILED
  }
}

async function runWords(commands: readonly Command[], words: readonly string[], streams: Streams): Promise<number> {
  const [first, ...rest] = words
  if (first === undefined) {
    streams.stderr.write(overviewText(commands))
    throw new UsageError('GOSSIP_COMMAND_MISSING', `say which command: ${namesOf(commands)}`)
  }
  if (first === '--version') {
    streams.stdout.write(`${packageInfo().version}\n`)
    return 0
  }
  if (first === '--help' || first === '-h' || (first === 'help' && rest.length === 0)) {
    streams.stdout.write(overviewText(commands))
    return 0
  }
  if (first === 'help') return runWords(commands, [...rest.slice(0, 1), '--help'], streams)
  return runCommand(commandNamed(commands, first), rest, streams)
}

async function runCommand(command: Command, words: readonly string[], streams: Streams): Promise<number> {
  const given = parseArguments(command, words)
  if (given.has('help')) {
    streams.stdout.write(commandText(command))
    return 0
  }
  return command.run(given, streams)
}

function commandNamed(commands: readonly Command[], name: string): Command {
  const command = commands.find((candidate) => candidate.name === name)
  if (command !== undefined) return command
  if (name.startsWith('-')) {
    throw new UsageError('GOSSIP_OPTION_UNKNOWN', `Unknown option '${name}': gossipmonger --help lists what there is`)
  }
  throw new UsageError('GOSSIP_COMMAND_UNKNOWN', `there is no command '${name}': use one of ${namesOf(commands)}`)
}

function namesOf(commands: readonly Command[]): string {
  return commands.map(({ name }) => name).join(', ')
}
