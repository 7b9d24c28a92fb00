/** All commands, in the order in which the help lists them. */

import type { Command } from '../cli/index.ts'
import { agentCommand } from './agent.ts'
import { conformanceCommand } from './conformance.ts'
import { demoCommand } from './demo.ts'
import { keygenCommand } from './keygen.ts'
import { simulateCommand } from './simulate.ts'

/** What `gossipmonger` can do. */
export const commands: readonly Command[] = [
  agentCommand,
  keygenCommand,
  demoCommand,
  simulateCommand,
  conformanceCommand,
]
