/** Runs one scenario: in virtual time, or, given transports, over them in real time. */

import { type LiveOutcome, type LiveRunOptions, runLive } from './live/index.ts'
import {
  type Scenario,
  type ScenarioOutcome,
  type SimulateScenarioOptions,
  simulateScenario,
} from './scenario/index.ts'

/**
 * Runs a scenario and holds its cluster to every promise.
 *
 * Without `makeTransport` it runs in virtual time, in milliseconds, the same for the same scenario. With it, real nodes
 * gossip over the transports it makes, in real time at a fast pace, with loss, delays, duplicates, overtaking, damage and
 * cuts put on top; what no real transport can be made to do (stalls, clock jumps, message limits, second processes) is
 * passed over, and counted in `passedOver`.
 *
 * @throws {ViolationError} a promise was broken on the way
 * @throws {NotReachedError} there was no agreement in time after the faults had stopped
 */
export function runScenario(scenario: Scenario, options: LiveRunOptions): Promise<LiveOutcome>
export function runScenario(scenario: Scenario, options?: SimulateScenarioOptions): Promise<ScenarioOutcome>
export async function runScenario(
  scenario: Scenario,
  options: LiveRunOptions | SimulateScenarioOptions = {},
): Promise<LiveOutcome | ScenarioOutcome> {
  return 'makeTransport' in options ? runLive(scenario, options) : simulateScenario(scenario, options)
}
