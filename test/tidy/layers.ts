/**
 * Which file may import which. Imports run one way, a folder is entered by its `index.ts`, and no file is part of a
 * cycle, types included: a cycle of types is two concepts that cannot be read one after the other.
 */

import { posix } from 'node:path'
import type { Finding, SourceFile } from './source-file.ts'

/** The folders of `src/`, each importing only from those to its left. */
const FOLDERS = ['core', 'transports', 'tcp', 'storage', 'messaging', 'ring', 'sim', 'agent']

/** The parts of the core, each importing only from earlier rows; those in one row know nothing of each other. */
const CORE_PARTS = [
  ['base'],
  ['state'],
  ['membership', 'flow', 'reconcile'],
  ['engine'],
  ['old-dialect'],
  ['driver'],
  ['index'],
]

/** What every part of the core stands on. Every other file directly in `src/core` belongs to the driver. */
const CORE_BASE = ['json', 'assert.ts', 'errors.ts', 'option-rules.ts', 'ports.ts', 'random.ts', 'system.ts']

const PACKAGE = 'gossipmonger-engine'

/** The rules that need one file of `src/` and the paths it names. */
export function layerFindings(file: SourceFile): Finding[] {
  if (!file.path.startsWith('src/')) return []
  const findings: Finding[] = []
  for (const { specifier, line } of file.imports) {
    const message = problemOf(file.path, specifier)
    if (message !== undefined) findings.push({ path: file.path, line, message })
  }
  return findings
}

/** Import cycles: of files that are knotted together, at least one way around. */
export function cycleFindings(files: readonly SourceFile[]): Finding[] {
  const graph = new Map(files.map((file) => [file.path, targetsOf(file)]))
  const finished = new Set<string>()
  const trail: string[] = []
  const findings: Finding[] = []
  const visit = (path: string): void => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      const cycle = [...trail.slice(at), path]
      findings.push({ path, line: 1, message: `is in an import cycle: ${cycle.join(' → ')}` })
      return
    }
    if (finished.has(path)) return
    trail.push(path)
    for (const target of graph.get(path) ?? []) visit(target)
    trail.pop()
    finished.add(path)
  }
  for (const path of graph.keys()) visit(path)
  return findings
}

function targetsOf(file: SourceFile): string[] {
  return file.imports.filter((i) => i.specifier.startsWith('.')).map((i) => resolved(file.path, i.specifier))
}

function problemOf(from: string, specifier: string): string | undefined {
  if (specifier === PACKAGE || specifier.startsWith(`${PACKAGE}/`)) return `imports its own package as ${specifier}`
  if (!specifier.startsWith('.')) return undefined
  const to = resolved(from, specifier)
  if (!to.startsWith('src/')) return `imports ${to} from outside src`
  return folderProblem(from, to) ?? doorProblem(from, to) ?? corePartProblem(from, to)
}

function folderProblem(from: string, to: string): string | undefined {
  const [ours, theirs] = [from, to].map((path) => path.split('/')[1] ?? '') as [string, string]
  if (ours === theirs) return undefined
  const [ourRank, theirRank] = [FOLDERS.indexOf(ours), FOLDERS.indexOf(theirs)]
  if (ourRank < 0) return `lies in src/${ours}, which is no folder of the layout`
  if (theirRank < 0) return `imports src/${theirs}, which is no folder of the layout`
  return theirRank > ourRank
    ? `src/${ours} must not import src/${theirs}: imports run ${FOLDERS.join(' ← ')}`
    : undefined
}

/** From the first folder on that importer and target do not share, the way in is `index.ts`. */
function doorProblem(from: string, to: string): string | undefined {
  const fromSteps = from.split('/').slice(0, -1)
  const toSteps = to.split('/')
  const shared = toSteps.findIndex((step, i) => step !== fromSteps[i])
  const rest = toSteps.slice(shared)
  if (rest.length === 1 || (rest.length === 2 && rest[1] === 'index.ts')) return undefined
  return `enters ${toSteps.slice(0, shared + 1).join('/')} by a side door: import its index.ts, not ${to}`
}

function corePartProblem(from: string, to: string): string | undefined {
  if (!from.startsWith('src/core/') || !to.startsWith('src/core/')) return undefined
  const [ours, theirs] = [corePartOf(from), corePartOf(to)]
  if (ours === theirs) return undefined
  const [ourRank, theirRank] = [coreRank(ours), coreRank(theirs)]
  if (ourRank < 0) return `lies in src/core/${ours}, which is no part of the layout`
  if (theirRank < 0) return `imports src/core/${theirs}, which is no part of the layout`
  return theirRank >= ourRank ? `the core's ${ours} must not import its ${theirs}` : undefined
}

function coreRank(part: string): number {
  return CORE_PARTS.findIndex((row) => row.includes(part))
}

function corePartOf(path: string): string {
  const [, , first = '', ...deeper] = path.split('/')
  if (CORE_BASE.includes(first)) return 'base'
  if (deeper.length > 0) return first
  return first === 'index.ts' ? 'index' : 'driver'
}

function resolved(from: string, specifier: string): string {
  return posix.join(posix.dirname(from), specifier)
}
