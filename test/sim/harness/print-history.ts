/** Prints the fingerprint of an eventful simulation, for a test that compares processes: seed and drive are arguments. */

import { Simulation } from '../../../src/sim/index.ts'
import { live, ROUGH } from './eventful.ts'

const [seed, drive] = process.argv.slice(2)
const simulation = new Simulation({ ...ROUGH, seed: Number(seed), drive: drive === 'driver' ? 'driver' : 'engine' })
live(simulation, 15)
console.log(simulation.traceHash)
