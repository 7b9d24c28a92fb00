/** Which kind of process runs on a machine. */

import { resolveEngineOptions } from '../core/index.ts'
import type { ResolvedSimulationOptions } from './options.ts'
import {
  DriverProcess,
  EngineProcess,
  FirstGenerationProcess,
  type Process,
  type ProcessSetup,
} from './process/index.ts'
import type { Machine } from './world/index.ts'

/** Makes processes as the options of a simulation want them. */
export function processFactory(options: ResolvedSimulationOptions): (machine: Machine, setup: ProcessSetup) => Process {
  const { engine, engineOptions, drive, peers, service } = options
  const acceptOldPeers = peers.some(({ isFirstGeneration }) => isFirstGeneration === true)
  return (machine, setup) => {
    if (machine.isFirstGeneration)
      return new FirstGenerationProcess(setup, { gossipIntervalMs: engine.gossipIntervalMs })
    if (drive === 'driver') return new DriverProcess(setup, { ...engineOptions, acceptOldPeers }, service)
    const seeds = setup.seeds.map((transport) => ({ transport }))
    return new EngineProcess(setup, {
      ...engine,
      seeds: seeds.length === 0 ? [] : resolveEngineOptions({ seeds }).seeds,
    })
  }
}
