/** Writes certificates and keys to a folder: keys for nobody but their owner, nothing over what is there unless told to. */

import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { CommandFailedError, UsageError } from '../cli/index.ts'
import type { PemPair } from './certificates.ts'
import { AUTHORITY_FILES, type PairFiles } from './file-names.ts'

const SECRET = 0o600
const PUBLIC = 0o644
const FOLDER = 0o755

/**
 * Sees to it that nothing is in the way.
 *
 * @throws {CommandFailedError} `GOSSIP_FILE_EXISTS`
 */
export function assertVacant(folder: string, { certificate, key }: PairFiles): void {
  for (const path of [join(folder, certificate), join(folder, key)]) {
    if (existsSync(path)) {
      throw new CommandFailedError('GOSSIP_FILE_EXISTS', `${path} is there already: --force replaces it`)
    }
  }
}

/**
 * Writes a pair. Each file is there in whole or as it was before, so that a node that runs may read it at any time.
 *
 * @throws {CommandFailedError} `GOSSIP_FILE_UNWRITABLE`
 */
export function writePair(folder: string, files: PairFiles, pair: PemPair): void {
  try {
    mkdirSync(folder, { recursive: true, mode: FOLDER })
    replace(join(folder, files.key), pair.key, SECRET)
    replace(join(folder, files.certificate), pair.certificate, PUBLIC)
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    throw new CommandFailedError('GOSSIP_FILE_UNWRITABLE', `the files cannot be written: ${problem}`, cause)
  }
}

/**
 * Reads the authority of a folder.
 *
 * @throws {UsageError} `GOSSIP_INPUT_UNREADABLE`: there is none
 */
export function readAuthority(folder: string): PemPair {
  try {
    return {
      certificate: readFileSync(join(folder, AUTHORITY_FILES.certificate), 'utf8'),
      key: readFileSync(join(folder, AUTHORITY_FILES.key), 'utf8'),
    }
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause)
    const advice = 'make one with gossipmonger keygen ca, or say with --ca where it is'
    throw new UsageError('GOSSIP_INPUT_UNREADABLE', `no authority in ${folder}: ${problem}: ${advice}`, cause)
  }
}

function replace(path: string, text: string, mode: number): void {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`
  writeFileSync(draft, text, { mode, flag: 'wx' })
  renameSync(draft, path)
}
