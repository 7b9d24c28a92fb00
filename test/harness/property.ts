/**
 * Runs a fast-check property with a fixed seed, so that a test says the same on every machine, and tells on failure
 * how to see the very same counterexample again.
 *
 * `GOSSIP_SEED` replaces the seed of every property. `GOSSIP_PATH`, as the failure prints it, is `n/path`: the n-th
 * property of the file starts at that path, the others run as ever.
 */

import fc from 'fast-check'

/** How long to search. */
export interface CheckOptions {
  /** Cases to try; keep a file within two seconds. @defaultValue 200 */
  readonly numRuns?: number
}

const SEED = 20_080_915
const RUNS = 200

/** How many properties this process has checked: the number that a replay names. */
let properties = 0

/**
 * Checks a property.
 *
 * @throws {Error} with the shrunk counterexample and the command that replays it
 */
export function checkProperty<T>(property: fc.IProperty<T>, options?: CheckOptions): void
export function checkProperty<T>(property: fc.IAsyncProperty<T>, options?: CheckOptions): Promise<void>
export function checkProperty<T>(property: fc.IRawProperty<T>, options: CheckOptions = {}): void | Promise<void> {
  const number = ++properties
  const details = fc.check(property, parameters<T>(number, options, process.env))
  if (details instanceof Promise) return details.then((later) => assertPassed(later, number))
  assertPassed(details, number)
}

/**
 * The parameters of one run, from the options and the environment.
 *
 * @param number - which property of the process this is, from 1
 */
export function parameters<T>(number: number, options: CheckOptions, env: NodeJS.ProcessEnv): fc.Parameters<T> {
  const seed = Number(env['GOSSIP_SEED'] ?? SEED)
  const numRuns = options.numRuns ?? RUNS
  const [wanted, path] = (env['GOSSIP_PATH'] ?? '').split('/')
  return wanted === String(number) && path !== undefined ? { seed, numRuns, path } : { seed, numRuns }
}

/** The command that shows a counterexample again. */
export function replayCommand(seed: number, number: number, path: string, testPath: string): string {
  const name = /test\/(?<name>[^.]*)\.test\.[jt]s$/.exec(testPath)?.groups?.['name'] ?? ''
  return `GOSSIP_SEED=${seed} GOSSIP_PATH=${number}/${path} npm test -- ${name}`.trimEnd()
}

function assertPassed<T>(details: fc.RunDetails<T>, number: number): void {
  if (!details.failed) return
  const path = details.counterexamplePath ?? ''
  const replay = replayCommand(details.seed, number, path, process.argv[1] ?? '')
  const cause: unknown = details.errorInstance
  throw new Error(`${fc.defaultReportMessage(details) ?? 'the property failed'}\n\nReplay: ${replay}\n`, { cause })
}
