/** All commands, in the order in which the help lists them. */

import type { Command } from '../cli/index.ts'
import { agentCommand } from './agent.ts'
import { conformanceCommand } from './conformance.ts'
import { demoCommand } from './demo.ts'
import { simulateCommand } from './simulate.ts'

/** What `gossipmonger` can do. */
export const commands: readonly Command[] = [agentCommand, demoCommand, simulateCommand, conformanceCommand]
