/** `gossipmonger conformance`: runs the conformance kit against somebody's transport. */

import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InvalidOptionError } from '../../core/index.ts'
import {
  type ConformanceFixture,
  type ConformanceResult,
  conformanceCases,
  isFixture,
  runConformance,
  skippedCases,
} from '../../transports/index.ts'
import { type Command, durationMsValue, type Given, type Streams, shownText, UsageError } from '../cli/index.ts'
import { Progress } from '../demo/index.ts'

const MODULE = 'MODULE'
const LABEL = 'running'
/** What a broken transport left open keeps this process for no longer. */
const LINGER_MS = 1_000

/** The command. */
export const conformanceCommand: Command = {
  name: 'conformance',
  summary: 'test a transport of yours against the contract',
  description:
    'Loads a module that exports a fixture for your transport, runs every case of the contract that the fixture calls\n' +
    'for, and says of each how it went. Ends with 0 only if none failed. docs/WRITING-A-TRANSPORT.md explains the rest.',
  arguments: [
    {
      name: MODULE,
      help: 'JavaScript file that exports a fixture, or a function that gives one, as `fixture` or as its default',
    },
  ],
  options: {
    only: { value: 'WORDS', help: 'run only cases whose name contains one of these words, such as "garbage close"' },
    deadline: { value: 'TIME', help: 'how long anything may take before it counts as never (default: 10s)' },
  },
  examples: [
    'gossipmonger conformance ./my-transport.js',
    'gossipmonger conformance ./my-transport.js --only lifecycle --deadline 2s',
  ],
  run: runFixture,
}

async function runFixture(given: Given, { stdout }: Streams): Promise<number> {
  const deadline = given.text('deadline')
  const deadlineMs = deadline === undefined ? undefined : durationMsValue('--deadline', deadline, 10, 3_600_000)
  const fixture = await loadFixture(given.argument(MODULE))
  const filter = filterOf(fixture, given.text('only'))
  const progress = new Progress(stdout)
  const { passed, failed, skipped } = await runConformance(fixture, {
    filter,
    deadlineMs,
    onResult: (result) => progress.print(resultText(result)),
    onProgress: (name, text) => {
      // Where lines cannot be taken back, a case that is about to end needs no line of its own.
      if (text !== '' || stdout.isTTY === true) progress.show(LABEL, text === '' ? name : `${name}: ${text}`)
    },
  })
  progress.print(`\n${passed} passed, ${failed.length} failed, ${skipped} skipped\n`)
  setTimeout(() => process.exit(), LINGER_MS).unref()
  return failed.length === 0 ? 0 : 1
}

function resultText(result: ConformanceResult): string {
  const name = shownText(result.name)
  switch (result.status) {
    case 'passed':
      return `passed   ${name}\n`
    case 'failed':
      return `FAILED   ${name}\n         ${shownText(result.error.message)}\n`
    case 'skipped':
      return `skipped  ${name}: ${shownText(result.reason)}\n`
  }
}

/** @throws {UsageError} there is no such file, it cannot be loaded, or it exports no fixture */
async function loadFixture(path: string): Promise<ConformanceFixture> {
  const absolute = resolve(path)
  if (!existsSync(absolute)) throw new UsageError('GOSSIP_INPUT_UNREADABLE', `there is no file ${path}`)
  const exported = await loadModule(path, absolute)
  for (const name of ['fixture', 'default']) {
    const value: unknown = Object.hasOwn(exported, name) ? exported[name] : undefined
    const fixture: unknown = typeof value === 'function' ? await callOf(path, value as () => unknown) : value
    if (isFixture(fixture)) return fixture
  }
  const names = Object.keys(exported).join(', ') || 'nothing'
  const problem = `${path} exports no fixture: neither fixture nor its default has a createTransport (it exports ${names})`
  throw new UsageError('GOSSIP_INPUT_INVALID', problem)
}

async function loadModule(path: string, absolute: string): Promise<Record<string, unknown>> {
  try {
    return (await import(pathToFileURL(absolute).href)) as Record<string, unknown>
  } catch (cause) {
    const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new UsageError('GOSSIP_INPUT_INVALID', `${path} cannot be loaded: ${problem}`, cause)
  }
}

async function callOf(path: string, make: () => unknown): Promise<unknown> {
  try {
    return await make()
  } catch (cause) {
    const problem = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new UsageError('GOSSIP_INPUT_INVALID', `the function that ${path} exports failed: ${problem}`, cause)
  }
}

/** Like the test runner of this project: a name has to contain one of the words. */
function filterOf(fixture: ConformanceFixture, only: string | undefined): (name: string) => boolean {
  if (only === undefined) return () => true
  const words = only.split(/\s+/).filter((word) => word !== '')
  const filter = (name: string): boolean => words.some((word) => name.includes(word))
  const names = [...conformanceCases(fixture), ...skippedCases(fixture)].map(({ name }) => name)
  if (names.some(filter)) return filter
  throw new InvalidOptionError('--only', 'words of which one is in the name of a case', only)
}
