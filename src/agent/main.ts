#!/usr/bin/env node
/** The command line: `gossipmonger COMMAND [OPTIONS]`. */

import { runCommandLine } from './cli/index.ts'
import { commands } from './commands/index.ts'

// Whoever reads the output may stop reading: `gossipmonger agent | head`.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(1)
    throw error
  })
}

process.exitCode = await runCommandLine(commands, process.argv.slice(2), process)
