/**
 * Drives the engine with the runtime's clock and a transport. It stamps what comes in with the time, sends and tells what
 * the engine leaves behind, and keeps the one timer armed at the engine's next deadline.
 */

import { Alarm } from './alarm.ts'
import { Announcer } from './announcer.ts'
import { DurableState } from './durable-state.ts'
import { Engine, type EngineEvent, nextGeneration } from './engine/index.ts'
import type { JsonValue } from './json/index.ts'
import { assertNotAborted, lifecycleError, type Phase } from './lifecycle.ts'
import { OldDialect } from './old-dialect/index.ts'
import type { ResolvedOptions } from './options.ts'
import { METADATA_KEY } from './peer-view.ts'
import { Uplink } from './uplink.ts'

/** Changes among the peers are written after so many rounds, together with what follows. */
const PEERS_DELAY_ROUNDS = 5
const PEERS_DELAY_MS_MAX = 5_000
/** Events that are made before they are told: a first copy may bring a million of them. */
const EVENTS_AT_ONCE_MAX = 1_024

/** What runs a node, from its start to its end. */
export class Driver {
  readonly engine: Engine
  readonly announcer: Announcer
  readonly #options: ResolvedOptions
  readonly #uplink: Uplink
  readonly #alarm: Alarm
  readonly #durable: DurableState | undefined
  #phase: Phase = 'new'
  #isFlushing = false
  #closing: Promise<void> | undefined
  #onLeaveTaken: (() => void) | undefined

  constructor(options: ResolvedOptions) {
    this.#options = options
    const { id, system, transport, engine, metadata } = options
    this.engine = new Engine({
      id,
      generation: nextGeneration(Math.floor(system.wallClockMs()) * 1_024, () => system.random()),
      options: engine,
      random: () => system.random(),
      messageBytesMax: transport.maxMessageBytes,
      canReach: transport.canReach === undefined ? undefined : (peer) => transport.canReach?.(peer) !== false,
      canBulk: transport.bulk === undefined ? undefined : (peer) => transport.canBulk?.(peer) !== false,
    })
    this.announcer = new Announcer(this.engine, () => system.now())
    this.#uplink = this.#makeUplink()
    this.#alarm = new Alarm(system, () => this.act((now) => this.engine.tick(now)))
    this.#durable = this.#makeDurable()
    if (metadata !== undefined) this.act((now) => this.engine.set(METADATA_KEY, metadata, {}, now))
  }

  /** Where the node is in its life. */
  get phase(): Phase {
    return this.#phase
  }

  /** Where peers reach this node; undefined until it has started. */
  get address(): JsonValue | undefined {
    return this.#options.advertised ?? this.#uplink.address
  }

  /** Takes up what the storage kept, listens, and begins to gossip; see `Gossipmonger.start`. */
  async start(signal: AbortSignal | undefined): Promise<void> {
    if (this.#phase !== 'new') throw lifecycleError(this.#phase)
    this.#phase = 'starting'
    try {
      assertNotAborted(signal)
      if (this.#durable !== undefined) await this.#openDurable(this.#durable, signal)
      this.#uplink.introduce()
      this.#uplink.attach()
      if (this.#uplink.canListen) await this.#uplink.listen()
      assertNotAborted(signal)
    } catch (error) {
      await this.close(false)
      throw error
    }
    if (this.#phase !== 'starting') throw lifecycleError(this.#phase)
    this.#phase = 'started'
    const { generation } = this.engine
    this.act((now) => this.engine.start({ generation, transport: this.address ?? null }, now))
  }

  /** Stops, for good; see `Gossipmonger.close`. */
  close(isLeaving: boolean): Promise<void> {
    this.#closing ??= this.#close(isLeaving)
    return this.#closing
  }

  /** Every use of the engine: stamped with the time, followed by what it leaves behind. */
  act<T>(use: (now: number) => T): T {
    const result = use(this.#options.system.now())
    this.#flush()
    return result
  }

  /** Deletes a key of this node; returns whether there was one. */
  delete(key: string): boolean {
    const wasThere = this.act((now) => this.engine.delete(key, now))
    this.#durable?.noteDeletion(key)
    return wasThere
  }

  /** Resolves when everything written so far is durable; see `Gossipmonger.flushed`. */
  async flushed(): Promise<void> {
    if (this.#durable === undefined) return
    if (this.#phase === 'new') throw lifecycleError('new')
    await this.#durable.flushed()
  }

  /** Tells and sends until nothing is left; listeners that act on the node only add to what is left. */
  #flush(): void {
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      for (;;) {
        const events = this.engine.takeEvents(EVENTS_AT_ONCE_MAX)
        for (const event of events) this.#tell(event)
        const messages = this.#phase === 'new' ? [] : this.engine.takeMessages()
        const isHeld = this.#durable?.isHeld === true
        if (!isHeld) for (const message of messages) this.#uplink.send(message, this.#options.system.now())
        const hasOffered = this.#phase !== 'new' && this.#uplink.sendBulks(isHeld)
        if (events.length === 0 && messages.length === 0 && !hasOffered) break
      }
    } finally {
      this.#isFlushing = false
    }
    if (this.#phase === 'started' || this.#phase === 'closing') this.#alarm.set(this.engine.deadline)
  }

  #tell(event: EngineEvent): void {
    this.#durable?.note(event)
    if (event.type === 'generation') {
      // Gossip repeats itself, so what would have carried a generation that is not durable yet is not kept for later.
      if (this.#durable?.isHeld !== true) this.#uplink.introduce()
    } else if (event.type === 'leave taken') this.#onLeaveTaken?.()
    else {
      this.announcer.tell(event)
      if (event.type === 'error') this.#uplink.blame(event.error)
    }
  }

  async #close(isLeaving: boolean): Promise<void> {
    const wasStarted = this.#phase === 'started'
    this.#phase = 'closing'
    if (isLeaving && wasStarted) await this.#leave()
    this.engine.stop()
    this.#flush()
    this.#alarm.cancel()
    this.#phase = 'closed'
    this.announcer.endWatchers()
    try {
      await this.#uplink.close()
    } finally {
      await this.#durable?.close()
    }
  }

  /** Says goodbye and waits until it was taken, but not for ever. */
  async #leave(): Promise<void> {
    const { system, leaveTimeoutMs } = this.#options
    await new Promise<void>((resolve) => {
      const cancel = system.startTimer(resolve, leaveTimeoutMs)
      this.#onLeaveTaken = () => {
        cancel()
        resolve()
      }
      this.act((now) => {
        this.engine.resume(now)
        this.engine.leave(now)
      })
    })
  }

  async #openDurable(durable: DurableState, signal: AbortSignal | undefined): Promise<void> {
    await durable.open()
    assertNotAborted(signal)
    if (this.#phase !== 'starting') throw lifecycleError(this.#phase)
  }

  #makeUplink(): Uplink {
    const { transport, system, engine: options, acceptOldPeers } = this.#options
    const oldDialect = new OldDialect(this.engine, {
      ...options,
      isAccepted: acceptOldPeers,
      messageBytesMax: transport.maxMessageBytes,
      wallClockMs: () => system.wallClockMs(),
    })
    const { clusterId, valueBytesMax } = options
    const act = <T>(use: (now: number) => T): T => this.act(use)
    return new Uplink({
      transport,
      engine: this.engine,
      oldDialect,
      announcer: this.announcer,
      clusterId,
      valueBytesMax,
      act,
      now: () => system.now(),
    })
  }

  #makeDurable(): DurableState | undefined {
    const { storage, system, storedPeersMax, engine: options } = this.#options
    if (storage === undefined) return undefined
    const { clusterId, gossipIntervalMs } = options
    return new DurableState({
      storage,
      engine: this.engine,
      system,
      clusterId,
      storedPeersMax,
      peersDelayMs: Math.min(PEERS_DELAY_ROUNDS * gossipIntervalMs, PEERS_DELAY_MS_MAX),
      act: (use) => this.act(use),
      fail: (error) => this.announcer.fail(error),
      onReleased: () => this.#phase === 'started' && this.#uplink.introduce(),
    })
  }
}
