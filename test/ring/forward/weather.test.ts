/**
 * Requests by key while gossip is lost, nodes are cut off, killed and started again. Every run comes from a seed. What must
 * hold: no answer reaches another caller, no handler sees a key that its ring did not give it, nothing that may not be
 * repeated is carried out twice, what failed as undone was not done, and once all is well every key has one owner.
 */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { ForwardError } from '../../../src/ring/index.ts'
import { seededRandom } from '../../harness/seeded-random.ts'
import { type Forwarding, ForwardingCluster } from './forwarding.ts'

const weather = suite('ring: forwarding weather')

const IDS = ['n0', 'n1', 'n2', 'n3']
const STEPS = 50
const NODE = { gossipIntervalMs: 200 }

interface Answer {
  readonly name: string
  readonly key: string
  readonly by: string
}

/** A cluster under faults, and all that was asked, done and answered. */
class Storm {
  readonly cluster: ForwardingCluster
  readonly random: () => number
  readonly nodes = new Map<string, Forwarding>()
  /** How often each request was carried out, by its name. */
  readonly done = new Map<string, number>()
  readonly wrong: string[] = []
  readonly count = { answered: 0, failed: 0, refused: 0, repeated: 0 }
  readonly #running: Promise<void>[] = []
  #asked = 0

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.cluster = new ForwardingCluster({ ring: { replicas: 2 }, cluster: { node: NODE } })
  }

  async add(id: string): Promise<void> {
    const seeds = IDS.filter((other) => other !== id)
    const added = await this.cluster.add(id, {}, { seeds })
    this.nodes.set(id, added)
    added.faulty.faults.set({ lossChance: 0.2, duplicateChance: 0.1 })
    added.forwarder.handle('job', async (payload, { key, signal }) => {
      const { name, isForAny } = payload as { name: string; isForAny: boolean }
      const isOurs = isForAny ? added.ring.isResponsibleFor(key) : added.ring.isOwner(key)
      if (!isOurs) this.wrong.push(`${name} was handed to ${id}, which does not own it`)
      this.done.set(name, (this.done.get(name) ?? 0) + 1)
      if (this.random() < 0.6) await this.#pause(Math.floor(this.random() * 1_000), signal)
      return { name, key: String(key), by: id } satisfies Answer
    })
  }

  async step(): Promise<void> {
    const { random } = this
    const dice = random()
    if (dice < 0.55) for (let i = 0; i < 3; i++) this.#running.push(this.#ask())
    else if (dice < 0.67 && this.nodes.size > 2) await this.#killOne()
    else if (dice < 0.79) await this.#startOne()
    else if (dice < 0.92) this.#pick().faulty.faults.partition(...IDS.filter(() => random() < 0.5))
    else this.#heal()
    await this.cluster.run(Math.floor(random() * 600))
  }

  /** Ends all faults, and everything that was begun. */
  async finish(): Promise<void> {
    this.#heal()
    await this.cluster.run(40_000)
    await Promise.all(this.#running)
  }

  /** Every key's request lands at one node, whoever asks. */
  async assertAgreed(): Promise<void> {
    for (let number = 0; number < 12; number++) {
      const key = `agreed ${number}`
      const owners = new Set<string>()
      for (const { node, ring, forwarder } of this.nodes.values()) {
        const asked = forwarder.request(key, 'job', { name: `${key} of ${node.id}`, isForAny: false })
        await this.cluster.run(1_001)
        const { by } = (await asked) as unknown as Answer
        assert.is(by, ring.ownerOf(key).peer.id)
        owners.add(by)
      }
      assert.is(owners.size, 1, [...owners].join())
    }
  }

  async #ask(): Promise<void> {
    const { node, forwarder } = this.#pick()
    const number = this.#asked++
    const name = `job ${number} of ${node.id}`
    const key = `key ${number % 20}`
    const isForAny = number % 4 === 0
    const mayRepeat = isForAny || number % 4 === 1
    try {
      const request = { timeoutMs: 3_000, ...(isForAny ? { anyOwner: true, stallAfterMs: 200 } : {}) }
      const options = mayRepeat ? ({ ...request, retry: 'always' } as const) : request
      const answer = (await forwarder.request(key, 'job', { name, isForAny }, options)) as unknown as Answer
      this.count.answered++
      if (answer.name !== name || answer.key !== key) this.wrong.push(`${name} was answered as ${answer.name}`)
      const times = this.done.get(name) ?? 0
      if (times < 1) this.wrong.push(`${name} succeeded and was never carried out`)
      if (times > 1) this.count.repeated++
    } catch (error) {
      const { code, isUndone } = error as Partial<ForwardError>
      this.count.failed++
      if (!String(code).startsWith('GOSSIP_')) this.wrong.push(`${name}: ${String(error)}`)
      const times = this.done.get(name) ?? 0
      if (isUndone === true && times > 0) this.wrong.push(`${name} was said to be undone, and was done`)
    }
    const times = this.done.get(name) ?? 0
    if (!mayRepeat && times > 1) this.wrong.push(`${name} was carried out ${times} times`)
  }

  #heal(): void {
    for (const { faulty } of this.nodes.values()) faulty.faults.heal()
  }

  async #killOne(): Promise<void> {
    const gone = this.#pick()
    this.count.refused += gone.forwarder.stats.refusals
    this.nodes.delete(gone.node.id)
    await this.cluster.crash(gone)
  }

  async #startOne(): Promise<void> {
    const missing = IDS.find((id) => !this.nodes.has(id))
    if (missing === undefined) return
    await this.add(missing)
    // While the others do not know the newcomer, or it does not know all of them, rings differ most.
    for (let i = 0; i < 12; i++) {
      this.#running.push(this.#ask())
      await this.cluster.run(100)
    }
  }

  #pick(): Forwarding {
    const all = [...this.nodes.values()]
    return all[Math.floor(this.random() * all.length)] as Forwarding
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.cluster.inner.system.startTimer(resolve, ms)
      signal.addEventListener('abort', () => resolve())
    })
  }
}

const total = { answered: 0, failed: 0, refused: 0, repeated: 0 }

for (const seed of [1, 2, 3]) {
  weather(
    `C20 C25 every key's request is carried out by its owner, through cuts, crashes and restarts, seed ${seed}`,
    async () => {
      const storm = new Storm(seed)
      try {
        for (const id of IDS) await storm.add(id)
        await storm.cluster.run(4_000)
        for (let i = 0; i < STEPS; i++) await storm.step()
        await storm.finish()
        assert.equal(storm.wrong, [])
        await storm.assertAgreed()
        assert.equal(storm.wrong, [])
        for (const { forwarder } of storm.nodes.values()) storm.count.refused += forwarder.stats.refusals
        for (const field of ['answered', 'failed', 'refused', 'repeated'] as const) total[field] += storm.count[field]
      } finally {
        await storm.cluster.inner.close()
      }
    },
  )
}

weather('the weather was neither always good nor always bad', () => {
  for (const [what, count] of Object.entries(total)) assert.ok(count >= 5, `${what}: ${count}`)
})

weather.run()
