/** `gossipmonger simulate`: a cluster of real engines in virtual time, on no network at all. */

import { Simulation } from '../../sim/index.ts'
import { type Command, type Given, integerValue, type Streams } from '../cli/index.ts'
import {
  headline,
  openTrace,
  planOf,
  playActs,
  reportText,
  searchSchedules,
  showReplay,
  type Tell,
} from '../simulate/index.ts'

const SCHEDULES_MAX = 100_000_000
const PROGRESS_EVERY_MS = 100
/** Where nothing can be redrawn. */
const LINE_EVERY_MS = 10_000

/** The command. */
export const simulateCommand: Command = {
  name: 'simulate',
  summary: 'run a cluster in virtual time, with faults, and show how news spread',
  description:
    'Runs real engines in one process, in virtual time, from one seed: a joint start, rounds of writing, a partition if\n' +
    'you ask for one, crashes, and peace. Checkers look on all the time. Ends with a table, or with what went wrong.\n' +
    'The same options give the same history: its fingerprint is printed with every run.\n' +
    '\n' +
    'With --schedules it runs random scenarios with every kind of fault instead, and shrinks the first that fails;\n' +
    'with --replay it shows such a failure again.',
  options: {
    peers: { value: 'N', help: 'how many (default: 50)' },
    keys: { value: 'N', help: 'keys of each peer (default: 3)' },
    rounds: { value: 'N', help: 'rounds of writing (default: 60)' },
    writes: { value: 'N', help: 'writes in each of them, by random peers (default: 1)' },
    fanout: { value: 'N', help: 'peers contacted each round (default: 3)' },
    interval: { value: 'TIME', help: 'length of a round (default: 1s)' },
    latency: { value: 'TIME', help: 'one way: 50ms is 1 to 50 ms, or MIN-MAX (default: 20ms)' },
    loss: { value: 'P', help: 'chance that a message is lost, 0 to 1 (default: 0)' },
    duplicate: { value: 'P', help: 'chance that it arrives twice (default: 0)' },
    reorder: { value: 'P', help: 'chance that later ones overtake it (default: 0)' },
    partition: { value: 'TIME', help: 'part the cluster in two halves for this long (default: not at all)' },
    crashes: { value: 'N', help: 'peers that crash at the end (default: 1)' },
    stall: { value: 'TIME', help: 'one peer does nothing for this long (default: not at all)' },
    drift: { value: 'P', help: 'clocks run up to this part too fast or slow (default: 0)' },
    'first-generation': { value: 'N', help: "peers that run npm gossipmonger 0.1's protocol (default: 0)" },
    seed: { value: 'N', help: 'everything that happens follows from it (default: 1)' },
    trace: { value: 'FILE', help: 'write the whole history there, one JSON record a line' },
    schedules: { value: 'N', help: 'run this many random scenarios instead' },
    replay: { value: 'SEED:PATH', help: 'show a scenario again that failed' },
  },
  examples: [
    'gossipmonger simulate',
    'gossipmonger simulate --peers 200 --loss 0.1 --partition 30s --seed 7',
    'gossipmonger simulate --peers 20 --trace history.ndjson',
    'gossipmonger simulate --schedules 1000 --seed 42',
  ],
  run: simulate,
}

async function simulate(given: Given, streams: Streams): Promise<number> {
  const [schedules, replay, tracePath] = [given.text('schedules'), given.text('replay'), given.text('trace')]
  const plan = planOf(given)
  if (replay !== undefined) return showReplay(replay, tracePath, streams.stdout)
  const tell = progressOn(streams)
  if (schedules !== undefined) {
    const runs = integerValue('--schedules', schedules, 1, SCHEDULES_MAX)
    return searchSchedules(runs, plan.simulation.seed ?? 0, streams.stdout, tell)
  }
  const trace = tracePath === undefined ? undefined : openTrace(tracePath)
  const startedAt = performance.now()
  streams.stdout.write(`${headline(plan)}\n`)
  try {
    const simulation = new Simulation({ ...plan.simulation, ...(trace === undefined ? {} : { trace: trace.sink }) })
    const figures = playActs(simulation, plan, tell)
    tell('', 0, 0)
    streams.stdout.write(reportText(plan, figures, performance.now() - startedAt))
    return 0
  } finally {
    tell('', 0, 0)
    trace?.close()
  }
}

/**
 * One line that is written over; where nothing can be, a line now and then. An empty act wipes it.
 */
function progressOn({ stderr }: Streams): Tell {
  let toldAt = performance.now()
  let isShown = false
  return (act, done, of) => {
    const now = performance.now()
    const everyMs = stderr.isTTY === true ? PROGRESS_EVERY_MS : LINE_EVERY_MS
    if (act === '' ? !isShown : now - toldAt < everyMs) return
    toldAt = now
    const text = act === '' ? '' : `${act}: ${Math.floor(done)}${of > 0 ? ` of ${of}` : ''}`
    if (stderr.isTTY !== true) stderr.write(`${text}\n`)
    else {
      stderr.write(`\r\u001b[2K${text}`)
      isShown = act !== ''
    }
  }
}
