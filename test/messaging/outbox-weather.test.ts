/**
 * Outboxes while gossip is lost and doubled, nodes are cut off and killed, disks fail and handlers refuse. Every run comes from
 * a seed. What must hold: every emit that resolved is handled at least once, in order for each pair of nodes; none is
 * handled after its sender was told that it was; and an emit that a disk refused is never handled.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type FaultyTransport, type MemoryTransport, withFaults } from '../../src/transports/index.ts'
import type { ScriptedStorage } from '../harness/scripted-storage.ts'
import { seededRandom } from '../harness/seeded-random.ts'
import { type Post, PostOffice } from './post-office.ts'

const weather = suite('outbox weather')

const IDS = ['n0', 'n1', 'n2']
const STEPS = 120

/** Nodes that emit to each other, and all that was promised and done. */
class Storm {
  readonly office: PostOffice
  readonly random: () => number
  readonly wrong: string[] = []
  readonly tally = { durable: 0, again: 0, refused: 0, unsaved: 0, kills: 0, delivered: 0 }
  readonly #posts = new Map<string, Post>()
  readonly #disks = new Map<string, ScriptedStorage>()
  readonly #faulty = new Map<string, FaultyTransport<MemoryTransport>>()
  /** Jobs as `FROM TO NUMBER`. */
  readonly #durable = new Set<string>()
  readonly #unsaved = new Set<string>()
  readonly #acknowledged = new Set<string>()
  readonly #handled = new Set<string>()
  /** The highest number handled of each pair. */
  readonly #highest = new Map<string, number>()
  #lastNumber = 0
  #latest: FaultyTransport<MemoryTransport> | undefined

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.office = new PostOffice(
      { retryDelayMs: 100, retryDelayMsMax: 2_000, ackTimeoutMs: 1_000, attemptsMax: 1_000 },
      {
        node: { gossipIntervalMs: 200 },
        wrap: (transport) => {
          this.#latest = withFaults(transport, {
            seed: Math.floor(this.random() * 1_000),
            system: this.office.cluster.system,
            lossChance: 0.2,
            duplicateChance: 0.1,
            delayMs: { minMs: 0, maxMs: 50 },
          })
          return this.#latest
        },
      },
    )
  }

  async start(id: string): Promise<void> {
    const isDead = (): boolean => this.#posts.get(id) !== post
    const post: Post = await this.office.start(id, this.#disks.get(id), async (job) => {
      if (isDead()) return
      if (this.random() < 0.3) await this.#pause(Math.floor(this.random() * 300))
      if (isDead()) throw new Error('dead')
      if (this.random() < 0.1) {
        this.tally.refused++
        throw new Error('not now')
      }
      this.#onHandled(job)
    })
    post.outbox.on('delivered', ({ payload }) => {
      if (isDead()) return
      this.tally.delivered++
      this.#acknowledged.add(payload as string)
    })
    this.#posts.set(id, post)
    if (this.#latest !== undefined) this.#faulty.set(id, this.#latest)
  }

  async step(): Promise<void> {
    const { random, office } = this
    const dice = random()
    const post = this.#pick()
    if (dice < 0.55) void this.#emit(post)
    else if (dice < 0.65) await this.#kill(post)
    else if (dice < 0.8) await this.#startOne()
    else if (dice < 0.86) this.#faulty.get(post.id)?.faults.partition(...IDS.filter(() => random() < 0.5))
    else if (dice < 0.93) post.storage.failure = random() < 0.5 ? new Error('disk full') : undefined
    else for (const faulty of this.#faulty.values()) faulty.faults.heal()
    await office.run(Math.floor(random() * 300))
  }

  /** Lets everything come to its end in good weather. */
  async finish(): Promise<void> {
    while (this.#posts.size < IDS.length) await this.#startOne()
    for (const faulty of this.#faulty.values()) faulty.faults.heal()
    for (const { storage } of this.#posts.values()) storage.failure = undefined
    await this.office.run(20_000)
    const left = [...this.#posts.values()].flatMap(({ outbox }) => outbox.messages())
    for (const { payload, failure } of left) this.wrong.push(`${String(payload)} is left: ${failure?.message}`)
    for (const job of this.#durable) if (!this.#handled.has(job)) this.wrong.push(`${job} was lost`)
    await this.office.close()
  }

  async #emit(from: Post): Promise<void> {
    const to = IDS[Math.floor(this.random() * IDS.length)] ?? ''
    const job = `${from.id} ${to} ${++this.#lastNumber}`
    try {
      await from.outbox.emit(to, 'job', job)
      if (this.#posts.get(from.id) !== from) return
      this.#durable.add(job)
      this.tally.durable++
    } catch (error) {
      if (this.#posts.get(from.id) !== from) return
      const { code } = error as { code?: string }
      if (code === 'GOSSIP_STORAGE_FAILED') this.#unsaved.add(job)
      else this.wrong.push(`${job} was refused: ${code}`)
      this.tally.unsaved++
    }
  }

  #onHandled(job: string): void {
    const [from = '', to = '', text] = job.split(' ')
    const number = Number(text)
    const pair = `${from} ${to}`
    if (this.#acknowledged.has(job)) this.wrong.push(`${job} was handled after it was acknowledged`)
    if (this.#unsaved.has(job)) this.wrong.push(`${job} was handled and never durable`)
    if (this.#handled.has(job)) this.tally.again++
    else if (number < (this.#highest.get(pair) ?? 0)) this.wrong.push(`${job} came behind ${this.#highest.get(pair)}`)
    this.#handled.add(job)
    this.#highest.set(pair, Math.max(number, this.#highest.get(pair) ?? 0))
  }

  async #kill(post: Post): Promise<void> {
    if (this.#posts.size < 2) return
    this.tally.kills++
    this.#posts.delete(post.id)
    this.#disks.set(post.id, await this.office.kill(post))
  }

  async #startOne(): Promise<void> {
    const missing = IDS.find((id) => !this.#posts.has(id))
    if (missing !== undefined) await this.start(missing)
  }

  #pick(): Post {
    const posts = [...this.#posts.values()]
    return posts[Math.floor(this.random() * posts.length)] as Post
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.office.cluster.system.startTimer(resolve, ms))
  }
}

const total: Record<string, number> = {}

for (const seed of [1, 2, 3, 4, 5, 6]) {
  weather(`what is durable is handled, in order and not after its acknowledgement, seed ${seed}`, async () => {
    const storm = new Storm(seed)
    for (const id of IDS) await storm.start(id)
    await storm.office.run(2_000)
    for (let i = 0; i < STEPS; i++) await storm.step()
    await storm.finish()
    assert.equal(storm.wrong, [])
    for (const [name, count] of Object.entries(storm.tally)) total[name] = (total[name] ?? 0) + count
  })
}

weather('the weather was neither always good nor always bad', () => {
  for (const [what, count] of Object.entries(total)) assert.ok(count >= 5, `${what}: ${count}`)
})

weather.run()
