/** Frames of live nodes, as they were recorded: `npm run fuzz -- --record` writes them anew. */

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The transports that are fuzzed. */
export const WIRES = ['tcp', 'websocket', 'udp'] as const
/** One of them. */
export type Wire = (typeof WIRES)[number]

/** What was recorded on one wire: the bytes of connections towards a listener, or packets, each by itself. */
export type Corpus = readonly Buffer[]

const FOLDER = fileURLToPath(new URL('../../../test/fuzz/corpus/', import.meta.url))

/** Reads what was recorded. */
export function readCorpus(wire: Wire): Corpus {
  const texts = JSON.parse(readFileSync(join(FOLDER, `${wire}.json`), 'utf8')) as string[]
  return texts.map((text) => Buffer.from(text, 'base64'))
}

/** Replaces what was recorded. */
export function writeCorpus(wire: Wire, corpus: Corpus): void {
  const lines = corpus.map((bytes) => `  ${JSON.stringify(bytes.toString('base64'))}`)
  writeFileSync(join(FOLDER, `${wire}.json`), `[\n${lines.join(',\n')}\n]\n`)
}
