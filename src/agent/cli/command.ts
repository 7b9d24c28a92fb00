/** What a command is: a name, a page of help, options, and something to do. */

import { assert } from '../../core/index.ts'

/** One option, as typed: `--name` or `--name VALUE`. */
export interface CommandOption {
  /** What stands for the value in the help; undefined for a switch. */
  readonly value?: string
  /** Whether it may be given more than once. */
  readonly isRepeatable?: boolean
  /** One or more lines for the help. */
  readonly help: string
}

/** One word that a command takes beside its options. Every one that is not repeatable has to be given. */
export interface CommandArgument {
  /** What stands for it in the help, and how it is asked for: `FILE`. */
  readonly name: string
  /** Whether it stands for all words that are left, or none. Only the last may. */
  readonly isRepeatable?: boolean
  /** One or more lines for the help. */
  readonly help: string
}

/** Where a command writes. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** The two streams of the process. */
export interface Streams {
  readonly stdout: Output
  readonly stderr: Output
}

/** One command of `gossipmonger`. */
export interface Command {
  readonly name: string
  /** One line for the list of commands. */
  readonly summary: string
  /** A paragraph or two for the command's own help. */
  readonly description: string
  /** The words it takes, in their order. @defaultValue none */
  readonly arguments?: readonly CommandArgument[]
  readonly options: Readonly<Record<string, CommandOption>>
  /** Lines that work as typed. */
  readonly examples: readonly string[]
  /**
   * Does it.
   *
   * @returns the status to exit with
   * @throws {UsageError | InvalidOptionError} what was typed cannot be used: exit status 2
   * @throws {GossipError} anything else: exit status 1
   */
  readonly run: (given: Given, streams: Streams) => Promise<number>
}

/** What was typed after the command's name. */
export class Given {
  readonly #values: Readonly<Record<string, readonly string[]>>
  readonly #switches: ReadonlySet<string>
  readonly #arguments: Readonly<Record<string, readonly string[]>>

  /** @param values - per option what was typed, in order; `switches`: those without a value; `words`: by argument */
  constructor(
    values: Readonly<Record<string, readonly string[]>>,
    switches: ReadonlySet<string>,
    words: Readonly<Record<string, readonly string[]>> = {},
  ) {
    this.#values = values
    this.#switches = switches
    this.#arguments = words
  }

  /** The word that stands for an argument of the command; it was given, or the command would not run. */
  argument(name: string): string {
    const word = this.#arguments[name]?.[0]
    assert(word !== undefined, `the command declares no argument ${name}`)
    return word
  }

  /** The words that stand for a repeatable argument. */
  rest(name: string): readonly string[] {
    return this.#arguments[name] ?? []
  }

  /** The value of an option, the last one if it was given more than once. */
  text(name: string): string | undefined {
    return this.#values[name]?.at(-1)
  }

  /** All values of an option. */
  texts(name: string): readonly string[] {
    return this.#values[name] ?? []
  }

  /** Whether a switch was given. */
  has(name: string): boolean {
    return this.#switches.has(name)
  }

  /** These, and of others what is not among these; arguments are those of this. */
  over(others: Given): Given {
    return new Given(
      { ...others.#values, ...this.#values },
      new Set([...others.#switches, ...this.#switches]),
      this.#arguments,
    )
  }
}
