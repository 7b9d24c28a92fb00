/** One attack, made by a seed and a number alone, so that it can be made again. */

import { seededRandom } from '../harness/seeded-random.ts'
import type { Corpus, Wire } from './corpus.ts'
import { below, mutateBytes, mutateJson, oneOf, type Random, randomBytes } from './mutation.ts'
import { clientFrame, readClientStream } from './web-socket-frames.ts'

/** What one connection, or one socket of packets, sends. */
export interface FuzzCase {
  readonly index: number
  readonly wire: Wire
  /** How it was made. */
  readonly kind: 'as recorded' | 'bytes' | 'fields' | 'spliced' | 'random'
  /** Written one after the other. */
  readonly parts: readonly Buffer[]
  /** What is sent as a digest by a real transport, where packets of a stranger would not be opened. */
  readonly payload?: unknown
  /** The address of this machine that it comes from. */
  readonly from: string
}

const KINDS: readonly FuzzCase['kind'][] = [
  'as recorded',
  'bytes',
  'bytes',
  'bytes',
  'fields',
  'fields',
  'fields',
  'spliced',
  'random',
]

/** Makes the attack of a number. */
export function makeCase(seed: number, index: number, wire: Wire, corpus: Corpus): FuzzCase {
  const random = seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b))
  const kind = oneOf(random, KINDS)
  const from = `127.0.0.${2 + below(random, 250)}`
  if (wire === 'udp' && kind === 'fields')
    return { index, wire, kind, parts: [], payload: packetPayload(corpus, random), from }
  const bytes = makeBytes(kind, wire, corpus, random)
  return {
    index,
    wire,
    kind,
    parts: wire === 'udp' ? bytes : cut(Buffer.concat(bytes), random),
    from,
  }
}

function makeBytes(kind: FuzzCase['kind'], wire: Wire, corpus: Corpus, random: Random): Buffer[] {
  const recorded = oneOf(random, corpus)
  switch (kind) {
    case 'as recorded':
      return [recorded]
    case 'bytes':
      return [mutateBytes(recorded, random)]
    case 'fields':
      return wire === 'websocket' ? webSocketFields(recorded, random) : [lineFields(recorded, random)]
    case 'spliced': {
      const other = oneOf(random, corpus)
      return [recorded.subarray(0, below(random, recorded.length)), other.subarray(below(random, other.length))]
    }
    case 'random':
      return Array.from({ length: 1 + below(random, 5) }, () => randomBytes(random, below(random, 1_500)))
  }
}

/** The lines of a stream, one of them with a wrong field; what is no JSON has its bytes spoilt instead. */
function lineFields(recorded: Buffer, random: Random): Buffer {
  const lines = recorded.toString('latin1').split('\r\n')
  const at = below(random, lines.length)
  const changed = changedText(Buffer.from(lines[at] as string, 'latin1').toString('utf8'), random)
  if (changed === undefined) return mutateBytes(recorded, random)
  lines[at] = Buffer.from(changed, 'utf8').toString('latin1')
  return Buffer.from(lines.join('\r\n'), 'latin1')
}

function webSocketFields(recorded: Buffer, random: Random): Buffer[] {
  const { head, texts } = readClientStream(recorded)
  const at = below(random, texts.length)
  const said = texts.map((text, index) => (index === at ? (changedText(text, random) ?? text) : text))
  return [head, ...said.map((text) => clientFrame(Buffer.from(text)))]
}

/** What a recorded packet carries behind its header, with something wrong. */
function packetPayload(corpus: Corpus, random: Random): unknown {
  const texts = corpus.map((packet) => packet.toString('latin1')).filter((text) => text.includes('[{'))
  const text = oneOf(random, texts)
  return mutateJson(JSON.parse(Buffer.from(text.slice(text.indexOf('[{')), 'latin1').toString('utf8')), random)
}

function changedText(text: string, random: Random): string | undefined {
  try {
    return JSON.stringify(mutateJson(JSON.parse(text), random))
  } catch {
    return undefined
  }
}

/** Where the network cuts is chance, too. */
function cut(bytes: Buffer, random: Random): Buffer[] {
  const parts: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = random() < 0.7 ? bytes.length : 1 + below(random, 200)
    parts.push(bytes.subarray(at, at + length))
    at += length
    if (parts.length === 20) {
      parts.push(bytes.subarray(at))
      break
    }
  }
  return parts
}
