/** The outer form of a file: its name, its length, the length of its functions, how it imports and what it exports. */

import { type Finding, isNode, nameOf, nodesOf, type SourceFile, type SyntaxNode, walk } from './source-file.ts'

const FILE_LINES_MAX = 400
const FUNCTION_LINES_MAX = 60

const FUNCTIONS = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'])

/** Node types whose own text begins at the name, while the function inside begins only at its parameters. */
const NAMED_HOLDERS = new Set(['MethodDefinition', 'Property', 'PropertyDefinition', 'VariableDeclarator'])

/** All rules of form. */
export function formFindings(file: SourceFile): Finding[] {
  return [
    ...nameFindings(file),
    ...lengthFindings(file),
    ...functionFindings(file),
    ...importFindings(file),
    ...defaultExportFindings(file),
    ...indexFindings(file),
  ]
}

function nameFindings(file: SourceFile): Finding[] {
  const bad = file.path.split('/').find((step) => !/^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|d))?(\.ts)?$/.test(step))
  return bad === undefined ? [] : [{ path: file.path, line: 1, message: `is not named in kebab-case: ${bad}` }]
}

function lengthFindings(file: SourceFile): Finding[] {
  const lines = file.lineAt(file.text.trimEnd().length)
  if (lines <= FILE_LINES_MAX) return []
  return [{ path: file.path, line: lines, message: `has ${lines} lines, the wall is ${FILE_LINES_MAX}` }]
}

function functionFindings(file: SourceFile): Finding[] {
  const findings: Finding[] = []
  walk(file.program, (node, parent) => {
    if (!FUNCTIONS.has(node.type)) return
    const holder = parent !== undefined && NAMED_HOLDERS.has(parent.type) ? parent : node
    const line = file.lineAt(holder.start)
    const lines = file.lineAt(node.end) - line + 1
    if (lines <= FUNCTION_LINES_MAX) return
    const name = nameOf(node['id']) ?? nameOf(holder['key']) ?? nameOf(holder['id']) ?? 'a function'
    findings.push({ path: file.path, line, message: `${name} has ${lines} lines, the wall is ${FUNCTION_LINES_MAX}` })
  })
  return findings
}

function importFindings(file: SourceFile): Finding[] {
  return file.imports
    .filter(({ specifier }) => specifier.startsWith('.') && !/\.(ts|json)$/.test(specifier))
    .map(({ specifier, line }) => ({ path: file.path, line, message: `imports ${specifier} without its .ts` }))
}

function defaultExportFindings(file: SourceFile): Finding[] {
  return nodesOf(file.program['body'])
    .filter((node) => node.type === 'ExportDefaultDeclaration' || nodesOf(node['specifiers']).some(isNamedDefault))
    .map((node) => ({
      path: file.path,
      line: file.lineAt(node.start),
      message: 'has a default export: give it a name',
    }))
}

function isNamedDefault(specifier: SyntaxNode): boolean {
  return specifier.type === 'ExportSpecifier' && nameOf(specifier['exported']) === 'default'
}

function indexFindings(file: SourceFile): Finding[] {
  if (!/^src\/(.*\/)?index\.ts$/.test(file.path)) return []
  return nodesOf(file.program['body'])
    .filter((node) => !(/^Export(All|Named)Declaration$/.test(node.type) && isNode(node['source'])))
    .map((node) => ({ path: file.path, line: file.lineAt(node.start), message: 'an index.ts only re-exports' }))
}
