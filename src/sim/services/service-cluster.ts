/** Nodes in virtual time over a network in memory, and everything that can befall them: whatever follows from the seed. */

import type { GossipmongerOptions } from '../../core/index.ts'
import type { MessengerOptions } from '../../messaging/index.ts'
import {
  type FaultSettings,
  type FaultyTransport,
  MemoryNetwork,
  type MemoryTransport,
  type MemoryWay,
  withFaults,
} from '../../transports/index.ts'
import { RandomStreams } from '../random-streams.ts'
import type { ScenarioNetwork } from '../scenario/index.ts'
import { Links } from '../world/index.ts'
import { ServiceLife } from './life.ts'
import { NodeTime, type VirtualTime } from './virtual-time.ts'

/** How a cluster is made. */
export interface ServiceClusterSetup {
  readonly time: VirtualTime
  readonly seed: number
  readonly peers: number
  readonly network: ScenarioNetwork
  readonly node?: Omit<GossipmongerOptions, 'transport' | 'seeds' | 'system'> | undefined
  readonly messenger?: Omit<MessengerOptions, 'system'> | undefined
  /** Told of every life before it starts. */
  readonly onLife: (life: ServiceLife) => void
}

/** A silent session is lost within these, ms: some rounds of gossip, so that verdicts and losses cross. */
const SESSION = Object.freeze({ keepAliveMs: 3_000, silenceTimeoutMs: 8_000, closeTimeoutMs: 1_000 })
const CALM_LATENCY_MS = Object.freeze({ min: 1, max: 20 })
const SEED_LIMIT = 2 ** 32

/** Peers are named p0, p1, …, which are their addresses too; p0 is everybody's seed. */
export class ServiceCluster {
  readonly names: readonly string[]
  readonly links: Links = new Links()
  readonly #setup: ServiceClusterSetup
  readonly #network: MemoryNetwork
  readonly #streams: RandomStreams
  readonly #random: () => number
  readonly #lives = new Map<string, ServiceLife>()
  readonly #counts = new Map<string, number>()
  readonly #transports = new Map<string, FaultyTransport<MemoryTransport>>()
  #latencyMs: ScenarioNetwork['latencyMs']
  #weather: FaultSettings
  /** What waits for a way to open. */
  #held: { readonly way: MemoryWay; readonly deliver: () => void }[] = []

  constructor(setup: ServiceClusterSetup) {
    const { latencyMs, lossChance, duplicateChance, reorderChance } = setup.network
    this.#setup = setup
    this.names = Array.from({ length: setup.peers }, (_, number) => `p${number}`)
    this.#latencyMs = latencyMs
    this.#weather = { lossChance, duplicateChance, reorderChance }
    this.#streams = new RandomStreams(setup.seed)
    this.#random = this.#streams.stream('network')
    this.#network = new MemoryNetwork({
      session: SESSION,
      schedule: (deliver, way) => this.#send(deliver, way),
    })
  }

  /** Every present life that is up, by name. */
  get lives(): readonly ServiceLife[] {
    return this.names.flatMap((name) => this.find(name) ?? [])
  }

  /** The present life of a name, if it is up. */
  find(name: string): ServiceLife | undefined {
    const life = this.#lives.get(name)
    return life?.isUp === true ? life : undefined
  }

  /** Whether another life of a name can begin. */
  canStart(name: string): boolean {
    return this.#lives.get(name)?.isGone ?? true
  }

  /** Another life begins. Nothing happens while the former one has its address. */
  async start(name: string): Promise<void> {
    if (!this.canStart(name)) return
    const number = (this.#counts.get(name) ?? 0) + 1
    this.#counts.set(name, number)
    const { time, node, messenger, onLife } = this.#setup
    const system = new NodeTime(time, this.#streams.stream(`${name}.${number}`))
    const transport = withFaults(this.#network.transport(name, { system }), {
      ...this.#weather,
      seed: Math.floor(system.random() * SEED_LIMIT),
      system,
      isCut: (_, to) => typeof to === 'string' && !this.links.isOpen(name, to),
    })
    const seeds = name === this.names[0] ? this.names.slice(1) : this.names.slice(0, 1)
    const life = new ServiceLife({ name, number, system, transport, seeds, node, messenger })
    this.#transports.set(name, transport)
    this.#lives.set(name, life)
    onLife(life)
    await life.node.start()
  }

  /** Ends a life without a word; of a silent one nobody is told. Resolves when its handles are released. */
  crash(life: ServiceLife, isSilent: boolean): Promise<void> {
    life.system.resume()
    this.#network.crash(life.name, isSilent)
    return life.end(true)
  }

  /** Breaks what connects two peers. */
  breakSession(a: string, b: string): void {
    this.#network.breakSessions(a, b)
  }

  /** Changes how gossip fares. */
  setWeather(settings: FaultSettings): void {
    this.#weather = { ...this.#weather, ...settings }
    for (const { faults } of this.#transports.values()) faults.set(settings)
  }

  /** Closes ways; what is under way there waits. */
  cut(from: string, to: string, isOneWay: boolean): void {
    this.links.cut(from, to)
    if (!isOneWay) this.links.cut(to, from)
  }

  /** Opens every way: what waited goes on. */
  heal(): void {
    this.links.heal()
    this.#release()
  }

  /** It does nothing for a time, and what comes for it waits. */
  pause(life: ServiceLife, ms: number): void {
    life.system.pause(ms)
    // Who wakes looks at the clock first, and reads then.
    this.#setup.time.startTimer(() => this.#release(), life.system.pausedUntil - this.#setup.time.now + 1)
  }

  /** All faults end. */
  calm(): void {
    this.#latencyMs = CALM_LATENCY_MS
    this.setWeather({ lossChance: 0, duplicateChance: 0, reorderChance: 0 })
    this.heal()
  }

  #send(deliver: () => void, way: MemoryWay | undefined): void {
    if (way === undefined) {
      queueMicrotask(deliver)
      return
    }
    const { min, max } = this.#latencyMs
    this.#setup.time.startTimer(() => this.#arrive(way, deliver), min + Math.floor(this.#random() * (max - min + 1)))
  }

  #arrive(way: MemoryWay, deliver: () => void): void {
    const isAwake = (this.find(way.to)?.system.pausedUntil ?? 0) <= this.#setup.time.now
    if (isAwake && this.links.isOpen(way.from, way.to)) deliver()
    else this.#held.push({ way, deliver })
  }

  #release(): void {
    for (const { way, deliver } of this.#held.splice(0)) this.#arrive(way, deliver)
  }
}
