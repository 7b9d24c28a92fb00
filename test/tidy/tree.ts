/** Reads the repository for the tidy rules. */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseSource, type SourceFile } from './source-file.ts'
import type { TextFile } from './wording.ts'

const NOT_OURS = new Set(['node_modules', 'dist', 'build', '.git', 'package-lock.json'])
const IS_TEXT = /\.(ts|js|mjs|json|md|html|css|yml|yaml|sh)$|^\.ci\//

/** The root of the repository: the nearest folder above this file with a `package.json`. */
export function repositoryRoot(): string {
  let dir = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(dir, 'package.json'))) dir = dirname(dir)
  return dir
}

/** Every text file that belongs to the project. */
export function readTexts(root: string): TextFile[] {
  return pathsBelow(root, '')
    .filter((path) => IS_TEXT.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** The TypeScript among them, parsed. */
export function parseSources(texts: readonly TextFile[]): SourceFile[] {
  return texts
    .filter(({ path }) => /^(src|test|bench|examples)\/.*\.ts$/.test(path))
    .map(({ path, text }) => parseSource(path, text))
}

function pathsBelow(root: string, dir: string): string[] {
  return readdirSync(join(root, dir), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.has(entry.name)) return []
    const path = dir === '' ? entry.name : `${dir}/${entry.name}`
    return entry.isDirectory() ? pathsBelow(root, path) : [path]
  })
}
