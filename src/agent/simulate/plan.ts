/** What `gossipmonger simulate` is asked to do, from its options. */

import { InvalidOptionError } from '../../core/index.ts'
import type { SimulationOptions } from '../../sim/index.ts'
import { durationMsValue, type Given, integerValue } from '../cli/index.ts'

/** The acts of a simulation, and the cluster they are played with. */
export interface Plan {
  readonly peers: number
  readonly keys: number
  /** Rounds of writing. */
  readonly rounds: number
  /** Writes in each of them, by random peers. */
  readonly writes: number
  readonly crashes: number
  readonly partitionMs: number
  readonly stallMs: number
  readonly simulation: SimulationOptions
}

const PEERS = 50
const PEERS_MAX = 20_000
const KEYS = 3
const ROUNDS = 60
const SEED = 1
/** Up to here every checker sees everything; beyond it those that look into digests would take too long. */
const JSON_PEERS_MAX = 100
const DAY_MS = 86_400_000

/**
 * Reads the options.
 *
 * @throws {InvalidOptionError} one of them cannot be used
 */
export function planOf(given: Given): Plan {
  const integer = (name: string, fallback: number, max: number, min = 0): number => {
    const text = given.text(name)
    return text === undefined ? fallback : integerValue(`--${name}`, text, min, max)
  }
  const duration = (name: string, fallback: number): number => {
    const text = given.text(name)
    return text === undefined ? fallback : durationMsValue(`--${name}`, text, 0, DAY_MS)
  }
  const peers = integer('peers', PEERS, PEERS_MAX, 2)
  const firstGeneration = integer('first-generation', 0, peers - 1)
  return {
    peers,
    keys: integer('keys', KEYS, 10_000),
    rounds: integer('rounds', ROUNDS, 1_000_000),
    writes: integer('writes', 1, 10_000),
    crashes: integer('crashes', 1, peers - 1),
    partitionMs: duration('partition', 0),
    stallMs: duration('stall', 0),
    simulation: {
      seed: integer('seed', SEED, 2 ** 31),
      peers: Array.from({ length: peers }, (_, index) => ({
        id: `p${index}`,
        isFirstGeneration: index >= peers - firstGeneration,
      })),
      engine: { fanout: integer('fanout', 3, 64, 1), gossipIntervalMs: Math.max(1, duration('interval', 1_000)) },
      network: {
        encoding: peers <= JSON_PEERS_MAX ? 'json' : 'measured',
        latencyMs: latencyOf(given.text('latency')),
        lossChance: chanceOf(given, 'loss'),
        duplicateChance: chanceOf(given, 'duplicate'),
        reorderChance: chanceOf(given, 'reorder'),
      },
      drift: driftOf(given),
    },
  }
}

function driftOf(given: Given): { readonly min: number; readonly max: number } {
  const drift = chanceOf(given, 'drift', 0.5)
  return { min: -drift, max: drift }
}

function chanceOf(given: Given, name: string, max: number = 1): number {
  const text = given.text(name)
  const chance = text === undefined ? 0 : Number(text)
  if (text !== '' && chance >= 0 && chance <= max) return chance
  throw new InvalidOptionError(`--${name}`, `a number from 0 to ${max}, such as 0.1`, text)
}

/** `50ms`, or `1ms-50ms`: uniform in between. */
function latencyOf(text: string | undefined): { readonly min: number; readonly max: number } {
  const parts = text?.split('-') ?? []
  const [min, max] = parts.length === 2 ? parts : ['1ms', text ?? '20ms']
  const [minMs, maxMs] = [min, max].map((part) => durationMsValue('--latency', part ?? '', 0, DAY_MS)) as [
    number,
    number,
  ]
  if (minMs > maxMs) throw new InvalidOptionError('--latency', 'a time, or MIN-MAX such as 1ms-50ms', text)
  return { min: minMs, max: maxMs }
}
