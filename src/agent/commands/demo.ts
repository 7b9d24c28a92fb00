/** `gossipmonger demo`: a real cluster on this machine, put through its paces in half a minute. */

import { type Command, durationMsValue, type Given, integerValue, type Streams } from '../cli/index.ts'
import { Cluster, fileInput, ownInput, Progress, play, reportText, Stage } from '../demo/index.ts'

const NODES = 5
const NODES_MAX = 32
const INTERVAL_MS = 200

/** The command. */
export const demoCommand: Command = {
  name: 'demo',
  summary: 'run a cluster of real processes on this machine, break it, and check every key',
  description:
    'Starts node processes that gossip over TCP on the loopback interface, spreads the input over them, kills one of\n' +
    'them, watches how the others find out, starts it again, deletes some keys, and at last compares every key and\n' +
    'value of every node with the input. Ends with 0 only if all nodes are identical.',
  options: {
    nodes: { value: 'N', help: `how many processes, 2 to ${NODES_MAX} (default: ${NODES})` },
    interval: {
      value: 'TIME',
      help: `time between rounds of gossip (default: ${INTERVAL_MS}ms); a death takes 18.4 of them to be certain`,
    },
    input: {
      value: 'FILE',
      help:
        'what to replicate: a JSON object, each field a key, or lines of {"key": …, "value": …}\n' +
        "(default: the packages of this project's own lock file)",
    },
  },
  examples: [
    'gossipmonger demo',
    'gossipmonger demo --nodes 9 --interval 1s',
    'gossipmonger demo --input package.json',
  ],
  run: runDemo,
}

async function runDemo(given: Given, { stdout }: Streams): Promise<number> {
  const [nodes, interval, path] = [given.text('nodes'), given.text('interval'), given.text('input')]
  const count = nodes === undefined ? NODES : integerValue('--nodes', nodes, 2, NODES_MAX)
  const gossipIntervalMs = interval === undefined ? INTERVAL_MS : durationMsValue('--interval', interval, 10, 3_600_000)
  const input = path === undefined ? ownInput() : fileInput(path)
  const progress = new Progress(stdout)
  progress.print(`${count} processes on the loopback interface, a round of gossip every ${gossipIntervalMs} ms\n`)
  progress.print(`input: ${input.source}\n\n`)
  const cluster = new Cluster({ nodes: count, gossipIntervalMs })
  exitOnSignals()
  try {
    const figures = await play(new Stage(cluster, progress, input.entries, gossipIntervalMs))
    progress.print(reportText(input, figures))
    return figures.verdict.differences.length === 0 ? 0 : 1
  } finally {
    progress.print('')
    await cluster.close()
  }
}

/** The cluster ends its processes when this one exits; a signal alone would not let it. */
function exitOnSignals(): void {
  const statuses = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const
  for (const [signal, status] of Object.entries(statuses)) process.once(signal, () => process.exit(status))
}
