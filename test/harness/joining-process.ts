/**
 * A process that is one node and measures what a join costs it: the owner of much, or the one who joins. It is told what
 * to do by the process that forked it. What it holds is measured after collecting garbage, what it took at the most by the
 * high-water mark of its resident set.
 */

import { readFileSync, writeFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Gossipmonger, type JsonValue } from '../../src/core/index.ts'
import { TcpTransport } from '../../src/tcp/index.ts'

/** What is joined: many keys, or one large value. */
export type JoinKind = 'keys' | 'string' | 'object'

/** How the node is made: the one argument, as JSON. */
export interface JoiningSetup {
  readonly kind: JoinKind
  /** Keys, or bytes of the value. */
  readonly amount: number
  /** Where the owner is; the owner itself has none. */
  readonly seed?: JsonValue
}

/** What it says of itself at the end. Sizes are bytes; `beyond` is what it took at the most above what it came to hold. */
export interface JoinReport {
  readonly peak: number
  readonly data: number
  readonly beyond: number
  readonly cpuMs: number
  /** From its start until all was there, ms; 0 for the owner. */
  readonly wallMs: number
  readonly updates: number
  readonly errors: number
  readonly bulks: number
}

/** What it says: where it is reached, that it has all, or what it measured. */
export type JoiningWord = { readonly address: JsonValue } | 'joined' | { readonly report: JoinReport }

const VALUE_BYTES_MAX = 2 ** 28
const PART = { name: 'part of a large value', tags: ['a', 'b'], isPart: true }

const setup = JSON.parse(process.argv[2] ?? '') as JoiningSetup
const collectGarbage = garbageCollector()
const node = new Gossipmonger(
  { id: setup.seed === undefined ? 'owner' : 'joiner' },
  {
    transport: new TcpTransport({ host: '127.0.0.1', port: 0 }),
    seeds: setup.seed === undefined ? [] : [setup.seed],
    valueBytesMax: VALUE_BYTES_MAX,
    mapBytesMax: 2 ** 31,
  },
)
let updates = 0
let errors = 0
node.on('update', () => updates++)
node.on('error', () => errors++)
void live()

async function live(): Promise<void> {
  if (setup.seed === undefined) write(setup)
  // Whoever writes before the start has his keys numbered anew by it, which is no part of a join.
  if (setup.seed === undefined) await node.start()
  const before = await settled()
  forgetPeak()
  const startedMs = performance.now()
  const cpuBefore = process.cpuUsage()
  if (setup.seed !== undefined) await node.start()
  say({ address: node.address ?? null })
  if (setup.seed !== undefined) await joined()
  const wallMs = setup.seed === undefined ? 0 : performance.now() - startedMs
  if (setup.seed !== undefined) say('joined')
  process.once('message', () => void report(before, wallMs, cpuBefore))
  process.once('disconnect', () => void node.close())
}

async function report(before: Held, wallMs: number, cpuBefore: NodeJS.CpuUsage): Promise<void> {
  const peak = peakBytes() - before.resident
  const { user, system } = process.cpuUsage(cpuBefore)
  const data = (await settled()).heap - before.heap
  const { bulksOffered, bulksAdmitted } = node.stats
  const bulks = bulksOffered + bulksAdmitted
  say({ report: { peak, data, beyond: peak - data, cpuMs: (user + system) / 1_000, wallMs, updates, errors, bulks } })
}

function write({ kind, amount }: JoiningSetup): void {
  if (kind === 'keys') for (let i = 0; i < amount; i++) node.set(`services/key-${i}`, `value number ${i}`)
  else if (kind === 'string') node.set('large', 'x'.repeat(amount - 2))
  else
    node.set(
      'large',
      Array.from({ length: Math.floor(amount / (JSON.stringify(PART).length + 1)) }, () => ({ ...PART })),
    )
}

/** Looks seldom: looking is no part of a join either. */
async function joined(): Promise<void> {
  const last = setup.kind === 'keys' ? `services/key-${setup.amount - 1}` : 'large'
  while (node.get('owner', last) === undefined) await new Promise((resolve) => setTimeout(resolve, 10))
}

/** What is held for good. */
interface Held {
  readonly resident: number
  readonly heap: number
}

async function settled(): Promise<Held> {
  for (let i = 0; i < 3; i++) {
    collectGarbage()
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  const { rss: resident, heapUsed, external } = process.memoryUsage()
  return { resident, heap: heapUsed + external }
}

function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
}

/** Linux can begin anew; elsewhere the mark is that of the whole process, which is higher if anything. */
function forgetPeak(): void {
  try {
    writeFileSync('/proc/self/clear_refs', '5')
  } catch {
    // There is no such file, or it may not be written.
  }
}

function peakBytes(): number {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    if (kilobytes !== undefined) return Number(kilobytes) * 1_024
  } catch {
    // As above.
  }
  return process.resourceUsage().maxRSS * 1_024
}

function say(word: JoiningWord): void {
  process.send?.(word)
}
