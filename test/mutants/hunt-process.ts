/**
 * The process that hunts one copy: `node hunt-process.js COMPILED_DIR OPTIONS`. It says what it found as JSON on its last
 * line of output; a mutant that hangs or eats all memory takes only this process with it.
 */

import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type * as Sim from '../../src/sim/index.ts'
import { hunt } from './hunt.ts'
import { SHORT_PLAN, WHOLE_PLAN } from './stages.ts'

/** What the process is told. */
export interface HuntRequest {
  readonly isShort: boolean
  readonly isShrinking: boolean
  readonly first?: string | undefined
}

const [compiledDir = '', request = '{}'] = process.argv.slice(2)
const { isShort, isShrinking, first } = JSON.parse(request) as HuntRequest
const sim = (await import(pathToFileURL(join(compiledDir, 'sim', 'index.js')).href)) as typeof Sim
const finding = await hunt(sim, { plan: isShort ? SHORT_PLAN : WHOLE_PLAN, first, isShrinking })
process.stdout.write(`${JSON.stringify(finding)}\n`)
