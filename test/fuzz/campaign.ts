/**
 * A storm of attacks on a live node, and what must be true after it: the node runs, its memory is within bounds, it goes
 * on with its good neighbour, and neither of them holds a key that its owner has not written.
 */

import { type Corpus, readCorpus, type Wire } from './corpus.ts'
import { Delivery } from './delivery.ts'
import { type FuzzCase, makeCase } from './fuzz-case.ts'
import { type Neighbours, startNeighbours } from './neighbours.ts'

/** What to do. */
export interface CampaignOptions {
  readonly wire: Wire
  readonly seed: number
  /** How long, ms. */
  readonly durationMs: number
  /** Told about once every five seconds. */
  readonly tell: (line: string) => void
}

/** What came of it. */
export interface CampaignResult {
  readonly frames: number
  readonly framesPerSecond: number
  /** How often the attacked node told each code. */
  readonly codes: Readonly<Record<string, number>>
  /** What went wrong, with the line that shows it again; undefined if nothing did. */
  readonly failure: string | undefined
}

const AT_ONCE = 32
const TELL_MS = 5_000
/** State is bounded to 200 peers; the rest is the runtime's, and what is on its way. */
const RSS_BYTES_MAX = 600 * 2 ** 20
const SETTLE_MS = 30_000
const LOOK_MS = 50
/** How long to look for the one frame that does it, ms. */
const SEARCH_MS = 300_000

/** Runs it. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const corpus = readCorpus(options.wire)
  const nodes = await startNeighbours(options.wire)
  try {
    await settle(nodes, 'before the storm')
    const storm = await strike(nodes, corpus, options)
    const codes = nodes.victim.isGone ? {} : (await nodes.victim.facts()).codes
    const problem = storm.problem ?? (await problemAfter(nodes))
    const failure = problem === undefined ? undefined : await explain(problem, storm.recent, options)
    return {
      frames: storm.frames,
      framesPerSecond: Math.round(storm.frames / (storm.elapsedMs / 1_000)),
      codes,
      failure,
    }
  } finally {
    await nodes.close()
  }
}

/** Sends one attack to a new node; returns what went wrong. */
export async function replay(wire: Wire, seed: number, index: number): Promise<string | undefined> {
  const nodes = await startNeighbours(wire)
  try {
    await settle(nodes, 'before the frame')
    const delivery = new Delivery(nodes.port)
    await delivery.deliver(makeCase(seed, index, wire, readCorpus(wire)))
    await delivery.close()
    return await problemAfter(nodes)
  } finally {
    await nodes.close()
  }
}

/** The line that shows an attack again. */
export function replayLine(wire: Wire, seed: number, index: number): string {
  return `npm run fuzz -- --wire ${wire} --seed ${seed} --replay ${index}`
}

interface Storm {
  readonly frames: number
  readonly elapsedMs: number
  /** Numbers of the attacks that were under way at the end, or just before. */
  readonly recent: readonly number[]
  readonly problem: string | undefined
}

async function strike({ victim, port }: Neighbours, corpus: Corpus, options: CampaignOptions): Promise<Storm> {
  const { wire, seed, durationMs, tell } = options
  const startMs = performance.now()
  let [next, told] = [0, startMs]
  let problem: string | undefined
  const delivery = new Delivery(port)
  const worker = async (): Promise<void> => {
    while (performance.now() - startMs < durationMs && !victim.isGone && problem === undefined) {
      await delivery.deliver(makeCase(seed, next++, wire, corpus))
      if (performance.now() - told < TELL_MS) continue
      told = performance.now()
      const { rssBytes, codes } = await victim.facts()
      tell(
        `${wire}: ${next} frames in ${Math.round((told - startMs) / 1_000)} s, ${Math.round(rssBytes / 2 ** 20)} MiB, ${shown(codes)}`,
      )
      if (rssBytes > RSS_BYTES_MAX) problem = `the node takes ${rssBytes} bytes of memory`
    }
  }
  await Promise.all(
    Array.from({ length: AT_ONCE }, () => worker().catch((error: unknown) => (problem ??= String(error)))),
  )
  await delivery.close()
  const recent = Array.from({ length: Math.min(next, 4 * AT_ONCE) }, (_, i) => next - 1 - i)
  return { frames: next, elapsedMs: performance.now() - startMs, recent, problem }
}

async function problemAfter(nodes: Neighbours): Promise<string | undefined> {
  try {
    await settle(nodes, 'after the storm')
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** A key of each reaches the other, and each holds exactly what the other wrote. */
async function settle({ victim, friend }: Neighbours, key: string): Promise<void> {
  for (const [writer, reader] of [
    [victim, friend],
    [friend, victim],
  ] as const) {
    await writer.ask({ ask: 'set', key, value: writer.id })
    const endMs = performance.now() + SETTLE_MS
    while ((await reader.entries(writer.id)).get(key) !== writer.id) {
      if (performance.now() > endMs) throw new Error(`${reader.id} does not get the key ${JSON.stringify(key)}`)
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS))
    }
  }
  for (const owner of [victim, friend]) {
    for (const holder of [victim, friend]) {
      const foreign = [...(await holder.entries(owner.id))].filter(
        ([name, value]) => !KEYS.includes(name) || value !== owner.id,
      )
      if (foreign.length > 0) throw new Error(`${holder.id} holds ${JSON.stringify(foreign)} of ${owner.id}`)
    }
  }
  const { rssBytes } = await victim.facts()
  if (rssBytes > RSS_BYTES_MAX) throw new Error(`the node takes ${rssBytes} bytes of memory`)
}

const KEYS: readonly string[] = ['before the storm', 'before the frame', 'after the storm']

/** Looks for the one attack that does it by itself. */
async function explain(
  problem: string,
  recent: readonly number[],
  { wire, seed, tell }: CampaignOptions,
): Promise<string> {
  tell(`${wire}: ${problem}\nlooking for the frame among the last ${recent.length}`)
  const endMs = performance.now() + SEARCH_MS
  for (const index of recent) {
    if (performance.now() > endMs) break
    const alone = await replay(wire, seed, index)
    if (alone === undefined) continue
    return `${alone}\nthe frame: ${described(makeCase(seed, index, wire, readCorpus(wire)))}\n${replayLine(wire, seed, index)}`
  }
  const range = `${recent.at(-1)}–${recent[0]}`
  return `${problem}\nno single frame among ${range} does it; the storm again: npm run fuzz -- --wire ${wire} --seed ${seed}`
}

function described({ kind, parts, payload, from }: FuzzCase): string {
  if (payload !== undefined) return `${kind}, ${JSON.stringify(payload).slice(0, 4_000)}`
  const text = JSON.stringify(Buffer.concat(parts).toString('latin1'))
  return `${kind}, from ${from}, ${text.length > 4_000 ? `${text.slice(0, 4_000)}…` : text}`
}

/** Codes and how often each was told, the most frequent first. */
export function shown(codes: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(codes).sort(([, a], [, b]) => b - a)
  return sorted.length === 0 ? 'nothing told' : sorted.map(([code, times]) => `${code} ${times}`).join(', ')
}
