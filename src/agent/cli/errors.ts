/** Failures of the command line itself, each with a code, a text that says what to do, and the status to exit with. */

import { GossipError } from '../../core/index.ts'

/** What was typed, or a file that was named, cannot be used. Nothing was started. Exit status 2. */
export class UsageError extends GossipError {
  override readonly name = 'UsageError'
  override readonly code:
    | 'GOSSIP_COMMAND_UNKNOWN'
    | 'GOSSIP_COMMAND_MISSING'
    | 'GOSSIP_OPTION_UNKNOWN'
    | 'GOSSIP_ARGUMENT_UNEXPECTED'
    | 'GOSSIP_ARGUMENT_MISSING'
    | 'GOSSIP_ARGUMENT_INVALID'
    | 'GOSSIP_INPUT_UNREADABLE'
    | 'GOSSIP_INPUT_INVALID'

  constructor(code: UsageError['code'], message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}

/** A command could not do what it was asked to. Exit status 1. */
export class CommandFailedError extends GossipError {
  override readonly name = 'CommandFailedError'
  override readonly code: string

  constructor(code: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
  }
}
