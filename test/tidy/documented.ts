/** Every name that a file of `src/` exports has a doc comment where it is declared. */

import { type Finding, isNode, nameOf, nodesOf, type SourceFile, type SyntaxNode } from './source-file.ts'

interface Declared {
  readonly name: string
  readonly isExported: boolean
  /** Where its doc comment has to end. */
  readonly node: SyntaxNode
}

/** Exports without a doc comment. Of overloads, the first has to have it. */
export function documentedFindings(file: SourceFile): Finding[] {
  if (!file.path.startsWith('src/')) return []
  const body = nodesOf(file.program['body'])
  const exportedByList = new Set(body.flatMap(localNamesListed))
  const seen = new Set<string>()
  const findings: Finding[] = []
  for (const { name, isExported, node } of body.flatMap(declaredBy)) {
    if (seen.has(name)) continue
    seen.add(name)
    if (!(isExported || exportedByList.has(name)) || hasDocComment(file, node)) continue
    findings.push({ path: file.path, line: file.lineAt(node.start), message: `exports ${name} without a doc comment` })
  }
  return findings
}

function declaredBy(node: SyntaxNode): Declared[] {
  const isExported = node.type === 'ExportNamedDeclaration'
  const declaration = isExported ? node['declaration'] : node
  if (!isNode(declaration)) return []
  const holders = declaration.type === 'VariableDeclaration' ? nodesOf(declaration['declarations']) : [declaration]
  return holders.flatMap((holder) => {
    const name = nameOf(holder['id'])
    return name === undefined ? [] : [{ name, isExported, node }]
  })
}

/** The names that `export { a, b as c }` exports from this file itself. */
function localNamesListed(node: SyntaxNode): string[] {
  if (node.type !== 'ExportNamedDeclaration' || isNode(node['source'])) return []
  return nodesOf(node['specifiers']).flatMap((specifier) => nameOf(specifier['local']) ?? [])
}

/** Line comments may stand between the doc comment and what it documents. */
function hasDocComment(file: SourceFile, node: SyntaxNode): boolean {
  let end = node.start
  for (const comment of file.comments.filter((c) => c.end <= node.start).reverse()) {
    if (file.text.slice(comment.end, end).trim() !== '') return false
    if (comment.isBlock) return comment.text.startsWith('*')
    end = comment.start
  }
  return false
}
