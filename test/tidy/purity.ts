/**
 * The core touches no clock, timer, chance or process of its own: all of it comes in as arguments, from one file that
 * wraps the runtime's. That file is held to the other half of the rule: no `node:` modules, so that browsers can load it.
 */

import { type Finding, isNode, nameOf, type SourceFile, type SyntaxNode, walk } from './source-file.ts'

const WRAPPER = 'src/core/system.ts'

const AMBIENT = new Set(
  (
    'setTimeout clearTimeout setInterval clearInterval setImmediate clearImmediate Date performance crypto ' +
    'process Buffer require console globalThis'
  ).split(' '),
)

/** Ambient names and `node:` imports in a file of the core. */
export function purityFindings(file: SourceFile): Finding[] {
  if (!file.path.startsWith('src/core/')) return []
  const findings: Finding[] = []
  const tell = (line: number, message: string): void => void findings.push({ path: file.path, line, message })
  for (const { specifier, line } of file.imports) {
    if (specifier.startsWith('node:')) tell(line, `imports ${specifier}: the core runs in browsers too`)
  }
  if (file.path === WRAPPER) return findings
  walk(file.program, (node, parent) => {
    const name = ambientName(node, parent)
    if (name !== undefined) tell(file.lineAt(node.start), `uses ${name}: let it come in as an argument`)
  })
  return findings
}

function ambientName(node: SyntaxNode, parent: SyntaxNode | undefined): string | undefined {
  if (node.type === 'MemberExpression' && nameOf(node['object']) === 'Math') {
    return isRandom(node['property']) ? 'Math.random' : undefined
  }
  const name = nameOf(node)
  if (name === undefined || !AMBIENT.has(name)) return undefined
  return parent !== undefined && isOnlyALabel(node, parent) ? undefined : name
}

/** A name that stands after a dot or before a colon says nothing about what is in scope. */
function isOnlyALabel(node: SyntaxNode, parent: SyntaxNode): boolean {
  return parent['computed'] !== true && (parent['property'] === node || parent['key'] === node)
}

function isRandom(property: unknown): boolean {
  return nameOf(property) === 'random' || (isNode(property) && property['value'] === 'random')
}
