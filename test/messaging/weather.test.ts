/**
 * Messages and streams while gossip is lost, doubled and late, nodes are cut off and killed, and sessions break. Every
 * run comes from a seed. What must hold: no answer reaches another caller, no request succeeds that was not carried out
 * or was carried out twice, and of a stream arrives exactly what was sent, up to where it broke.
 */

import type { Duplex } from 'node:stream'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { MemoryTransport } from '../../src/transports/index.ts'
import { type FaultyTransport, withFaults } from '../../src/transports/index.ts'
import { seededRandom } from '../harness/seeded-random.ts'
import { type Member, MessagingCluster } from './cluster.ts'

const weather = suite('weather')

const IDS = ['n0', 'n1', 'n2', 'n3']
const STEPS = 60
const STREAM_BYTES = 200_000

/** The byte that stands at a place of a stream. */
function byteAt(seed: number, at: number): number {
  return (Math.imul(at + 1, 2_654_435_761) ^ seed) & 0xff
}

/** A cluster under faults, and all that was asked, done and answered. */
class Storm {
  readonly cluster: MessagingCluster
  readonly random: () => number
  /** How often each request was carried out, by its name. */
  readonly done = new Map<string, number>()
  readonly wrong: string[] = []
  readonly #faulty = new Map<string, FaultyTransport<MemoryTransport>>()
  readonly #running: Promise<void>[] = []
  answered = 0
  failed = 0
  wholeStreams = 0
  brokenStreams = 0
  #asked = 0
  /** What was wrapped last. */
  #latest: FaultyTransport<MemoryTransport> | undefined

  constructor(seed: number) {
    this.random = seededRandom(seed)
    this.cluster = new MessagingCluster({
      node: { gossipIntervalMs: 200 },
      wrap: (transport) => {
        const faulty = withFaults(transport, {
          seed: Math.floor(this.random() * 1_000),
          system: this.cluster.system,
          lossChance: 0.2,
          duplicateChance: 0.1,
          delayMs: { minMs: 0, maxMs: 50 },
        })
        this.#latest = faulty
        return faulty
      },
    })
  }

  async add(id: string): Promise<void> {
    const member = await this.cluster.add(id)
    if (this.#latest !== undefined) this.#faulty.set(id, this.#latest)
    member.messenger.handle('job', async (payload, { signal }) => {
      const { name } = payload as { name: string }
      this.done.set(name, (this.done.get(name) ?? 0) + 1)
      if (this.random() < 0.5) await this.#pause(Math.floor(this.random() * 300), signal)
      return { name, by: id }
    })
    member.messenger.onStream('bytes', (stream, { header }) => {
      this.#running.push(this.#read(stream, header as number))
    })
  }

  async step(): Promise<void> {
    const { random, cluster } = this
    const dice = random()
    if (dice < 0.5) this.#running.push(this.#ask())
    else if (dice < 0.7) this.#running.push(this.#stream())
    else if (dice < 0.78 && cluster.members.length > 2) await this.#killOne()
    else if (dice < 0.86) await this.#startOne()
    else if (dice < 0.92) this.#faulty.get(this.#pick().node.id)?.faults.partition(...IDS.filter(() => random() < 0.5))
    else for (const faulty of this.#faulty.values()) faulty.faults.heal()
    await cluster.system.run(Math.floor(random() * 400))
  }

  /** Lets everything that was begun come to an end. */
  async finish(): Promise<void> {
    for (const faulty of this.#faulty.values()) faulty.faults.heal()
    await this.cluster.system.run(20_000)
    await this.cluster.close()
    await Promise.all(this.#running)
  }

  async #ask(): Promise<void> {
    const from = this.#pick()
    const name = `job ${this.#asked++} of ${from.node.id}`
    const several = this.random() < 0.3
    const to = several ? IDS.filter((id) => id !== from.node.id) : (IDS[Math.floor(this.random() * 4)] as string)
    try {
      const options = { timeoutMs: 500, ...(several ? { stallAfterMs: 100 } : {}) }
      const answer = (await from.messenger.request(to, 'job', { name }, options)) as { name: string; by: string }
      this.answered++
      if (answer.name !== name) this.wrong.push(`${name} was answered as ${answer.name}`)
      if (!several && answer.by !== to) this.wrong.push(`${name} was answered by ${answer.by} instead of ${String(to)}`)
      const times = this.done.get(name) ?? 0
      if (times < 1 || (!several && times > 1)) this.wrong.push(`${name} succeeded and was carried out ${times} times`)
    } catch (error) {
      this.failed++
      if (!String((error as { code?: string }).code).startsWith('GOSSIP_')) this.wrong.push(`${name}: ${String(error)}`)
      if (!several && (this.done.get(name) ?? 0) > 1) this.wrong.push(`${name} was carried out twice`)
    }
  }

  async #stream(): Promise<void> {
    const from = this.#pick()
    const to = this.#pick().node.id
    const seed = this.#asked++
    try {
      const stream = await from.messenger.stream(to, 'bytes', { header: seed, openTimeoutMs: 500 })
      stream.on('error', () => {})
      stream.resume()
      for (let at = 0; at < STREAM_BYTES && !stream.destroyed; ) {
        const length = Math.min(STREAM_BYTES - at, 1 + Math.floor(this.random() * 20_000))
        const begin = at
        const hasRoom = stream.write(Uint8Array.from({ length }, (_, i) => byteAt(seed, begin + i)))
        at += length
        if (!hasRoom) await new Promise<void>((resolve) => void stream.once('drain', resolve).once('close', resolve))
        if (this.random() < 0.5) await this.#pause(100)
      }
      stream.end()
    } catch (error) {
      if (!String((error as { code?: string }).code).startsWith('GOSSIP_')) this.wrong.push(String(error))
    }
  }

  async #read(stream: Duplex, seed: number): Promise<void> {
    let at = 0
    let hasEnded = false
    stream.on('data', (chunk: Buffer) => {
      for (const byte of chunk) if (byte !== byteAt(seed, at++)) this.wrong.push(`stream ${seed} differs at ${at - 1}`)
    })
    stream.on('error', () => {})
    stream.on('end', () => {
      hasEnded = true
      stream.end()
    })
    await new Promise<void>((resolve) => void stream.once('close', () => resolve()))
    if (hasEnded && at !== STREAM_BYTES) this.wrong.push(`stream ${seed} ended after ${at} bytes`)
    if (hasEnded) this.wholeStreams++
    else this.brokenStreams++
  }

  async #killOne(): Promise<void> {
    await this.cluster.crash(this.#pick())
  }

  async #startOne(): Promise<void> {
    const missing = IDS.find((id) => this.cluster.members.every(({ node }) => node.id !== id))
    if (missing !== undefined) await this.add(missing)
  }

  #pick(): Member {
    return this.cluster.members[Math.floor(this.random() * this.cluster.members.length)] as Member
  }

  #pause(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.cluster.system.startTimer(resolve, ms)
      signal?.addEventListener('abort', () => resolve())
    })
  }
}

const total = { answered: 0, failed: 0, wholeStreams: 0, brokenStreams: 0 }

for (const seed of [1, 2, 3, 4, 5, 6]) {
  weather(`C24 C30 answers and streams stay whole through loss, cuts, crashes and restarts, seed ${seed}`, async () => {
    const storm = new Storm(seed)
    for (const id of IDS) await storm.add(id)
    await storm.cluster.system.run(2_000)
    for (let i = 0; i < STEPS; i++) await storm.step()
    await storm.finish()
    assert.equal(storm.wrong, [])
    for (const field of ['answered', 'failed', 'wholeStreams', 'brokenStreams'] as const) total[field] += storm[field]
  })
}

weather('the weather was neither always good nor always bad', () => {
  for (const [what, count] of Object.entries(total)) assert.ok(count >= 5, `${what}: ${count}`)
})

weather.run()
