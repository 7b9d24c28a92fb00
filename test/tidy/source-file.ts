/**
 * A source file as the tidy rules see it: its syntax tree, its comments, its imports. A rule is a function from such
 * files to findings, so that each can be shown a bad example of a few lines.
 */

import { parseSync } from 'oxc-parser'

/** A node of the syntax tree (ESTree with TypeScript). */
export interface SyntaxNode {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [field: string]: unknown
}

/** A comment; `text` leaves out the delimiters. */
export interface SourceComment {
  readonly isBlock: boolean
  readonly text: string
  readonly start: number
  readonly end: number
}

/** Any way to name another module: import, re-export, `import()`, `import('…')` in a type. */
export interface SourceImport {
  readonly specifier: string
  readonly line: number
}

/** One parsed file. */
export interface SourceFile {
  /** From the root of the repository, `/`-separated. */
  readonly path: string
  readonly text: string
  readonly program: SyntaxNode
  readonly comments: readonly SourceComment[]
  readonly imports: readonly SourceImport[]
  /** The line of a position, from 1. */
  lineAt(position: number): number
}

/** One breach of one rule. */
export interface Finding {
  readonly path: string
  readonly line: number
  readonly message: string
}

/**
 * Parses a file.
 *
 * @throws {Error} a syntax error
 */
export function parseSource(path: string, text: string): SourceFile {
  const { program, comments, errors } = parseSync(path, text)
  const [error] = errors
  if (error !== undefined) throw new Error(`${path}: ${error.message}`)
  const lineStarts = lineStartsOf(text)
  const lineAt = (position: number): number => lineStarts.findLastIndex((start) => start <= position) + 1
  const root = program as unknown as SyntaxNode
  return {
    path,
    text,
    program: root,
    comments: comments.map((c) => ({ isBlock: c.type === 'Block', text: c.value, start: c.start, end: c.end })),
    imports: importsOf(root, lineAt),
    lineAt,
  }
}

/** Visits a node and everything below it, parents first. */
export function walk(node: SyntaxNode, visit: (node: SyntaxNode, parent: SyntaxNode | undefined) => void): void {
  const step = (current: SyntaxNode, parent: SyntaxNode | undefined): void => {
    visit(current, parent)
    for (const value of Object.values(current)) {
      for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) step(child, current)
    }
  }
  step(node, undefined)
}

/** Whether a field of a node is itself a node. */
export function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string'
}

/** The nodes in a list field of a node, such as `body` or `declarations`. */
export function nodesOf(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The name of an identifier; undefined for any other node. */
export function nameOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined
  return (node.type === 'Identifier' || node.type === 'PrivateIdentifier') && typeof node['name'] === 'string'
    ? node['name']
    : undefined
}

function lineStartsOf(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function importsOf(program: SyntaxNode, lineAt: (position: number) => number): SourceImport[] {
  const imports: SourceImport[] = []
  walk(program, (node) => {
    const { source } = node
    if (isNode(source) && source.type === 'Literal' && typeof source['value'] === 'string') {
      imports.push({ specifier: source['value'], line: lineAt(node.start) })
    }
  })
  return imports
}
