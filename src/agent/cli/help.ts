/** Pages of help, made from what the commands say of themselves. */

import type { Command, CommandArgument, CommandOption } from './command.ts'

/** The list of commands. */
export function overviewText(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const)
  return [
    'Usage: gossipmonger COMMAND [OPTIONS]',
    '',
    'A Scuttlebutt gossip engine: every node owns a small map, every node sees all of them, and knows who is alive.',
    '',
    'Commands:',
    table(rows),
    '',
    'Options:',
    table([
      ['--help', 'show this, or after a command what it does and takes'],
      ['--version', 'show the version'],
    ]),
    '',
  ].join('\n')
}

/** One command's page. */
export function commandText(command: Command): string {
  const rows = Object.entries(command.options).map(([name, option]) => [headOf(name, option), option.help] as const)
  const words = command.arguments ?? []
  return [
    `Usage: ${['gossipmonger', command.name, ...words.map(wordOf)].join(' ')} [OPTIONS]`,
    '',
    command.description,
    '',
    ...(words.length === 0 ? [] : ['Arguments:', table(words.map((word) => [wordOf(word), word.help])), '']),
    'Options:',
    table([...rows, ['-h, --help', 'show this']]),
    '',
    'Examples:',
    ...command.examples.map((example) => `  ${example}`),
    '',
  ].join('\n')
}

function wordOf({ name, isRepeatable }: CommandArgument): string {
  return isRepeatable === true ? `[${name} …]` : name
}

function headOf(name: string, { value, isRepeatable }: CommandOption): string {
  const head = value === undefined ? `--${name}` : `--${name} ${value}`
  return isRepeatable === true ? `${head} …` : head
}

/** Two columns; further lines of the second stay below its first. */
function table(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([head]) => head.length))
  return rows
    .flatMap(([head, text]) => text.split('\n').map((line, i) => `  ${(i === 0 ? head : '').padEnd(width)}  ${line}`))
    .join('\n')
}
