/**
 * The traps of uvu: a suite that is never run passes silently, and so does all that `only` and `skip` leave out; a
 * suite that is run after an `await` of the module itself may come too late.
 */

import { type Finding, isNode, nameOf, nodesOf, type SourceFile, type SyntaxNode, walk } from './source-file.ts'

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** What would let a test of this file be left out unnoticed. */
export function suiteFindings(file: SourceFile): Finding[] {
  if (!file.path.endsWith('.test.ts')) return []
  const findings: Finding[] = []
  const tell = (node: SyntaxNode, message: string): void => {
    findings.push({ path: file.path, line: file.lineAt(node.start), message })
  }
  const names = uvuNames(file)
  const suites = new Map<string, SyntaxNode>()
  const run = new Set<string>()
  if (names.test !== undefined) suites.set(names.test, file.program)
  walk(file.program, (node, parent) => {
    if (node.type !== 'CallExpression') return
    const { callee } = node
    if (!isNode(callee)) return
    if (names.suite !== undefined && nameOf(callee) === names.suite) {
      const name = parent?.type === 'VariableDeclarator' ? nameOf(parent['id']) : undefined
      if (name === undefined) tell(node, 'makes a suite without giving it a name to run it by')
      else suites.set(name, node)
    }
    if (callee.type !== 'MemberExpression') return
    const method = nameOf(callee['property'])
    if (method === 'only' || method === 'skip') tell(node, `leaves tests out by .${method}()`)
    const owner = nameOf(callee['object'])
    if (method === 'run' && owner !== undefined) run.add(owner)
  })
  if (suites.size === 0) tell(file.program, 'has no suite')
  for (const [name, node] of suites) if (!run.has(name)) tell(node, `never calls ${name}.run(), so its tests never run`)
  for (const node of moduleAwaits(file.program)) tell(node, 'awaits in the module itself: a suite may be run too late')
  return findings
}

/** What the file calls uvu's `suite` and `test`. */
function uvuNames(file: SourceFile): { suite?: string; test?: string } {
  const names: { suite?: string; test?: string } = {}
  for (const node of nodesOf(file.program['body'])) {
    const { source } = node
    if (node.type !== 'ImportDeclaration' || !isNode(source) || source['value'] !== 'uvu') continue
    for (const specifier of nodesOf(node['specifiers'])) {
      const [imported, local] = [nameOf(specifier['imported']), nameOf(specifier['local'])]
      if ((imported === 'suite' || imported === 'test') && local !== undefined) names[imported] = local
    }
  }
  return names
}

function moduleAwaits(program: SyntaxNode): SyntaxNode[] {
  const awaits: SyntaxNode[] = []
  const insideFunctions: [number, number][] = []
  walk(program, (node) => {
    if (FUNCTIONS.has(node.type)) insideFunctions.push([node.start, node.end])
    const isAwait = node.type === 'AwaitExpression' || (node.type === 'ForOfStatement' && node['await'] === true)
    if (isAwait && !insideFunctions.some(([start, end]) => start <= node.start && node.end <= end)) awaits.push(node)
  })
  return awaits
}
