/**
 * Which compiled tests there are. Only output with a living source counts: what a deleted source left behind is
 * removed first, so that neither a deleted test nor a deleted module goes on living in the build folder.
 */

import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** One compiled test file. */
export interface TestFile {
  /** Path below `test/` without the ending, `/`-separated: what a reader filters by. */
  readonly name: string
  /** The compiled file, absolute. */
  readonly path: string
}

/** Removes compiled files whose source no longer exists. */
export function removeStale(buildDir: string, sourceDir: string): void {
  for (const path of filesBelow(buildDir)) {
    const [compiled] = /\.js(\.map)?$/.exec(path) ?? []
    if (compiled === undefined) continue
    const source = `${join(sourceDir, relative(buildDir, path)).slice(0, -compiled.length)}.ts`
    if (!existsSync(source)) rmSync(path)
  }
}

/**
 * The compiled tests whose name contains any of the filters, by name.
 *
 * @param filters - none means all
 */
export function findTestFiles(testDir: string, filters: readonly string[]): TestFile[] {
  const files: TestFile[] = []
  for (const path of filesBelow(testDir)) {
    if (!path.endsWith('.test.js')) continue
    const name = relative(testDir, path).slice(0, -'.test.js'.length).split(sep).join('/')
    if (filters.length === 0 || filters.some((filter) => name.includes(filter))) files.push({ name, path })
  }
  return files.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function filesBelow(dir: string): string[] {
  if (!existsSync(dir)) return []
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
}
