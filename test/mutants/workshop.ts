/**
 * Where mutants are made: a copy of the compiled sources in a folder of its own, in which one file is compiled anew from
 * its broken text. Nothing in the repository is touched.
 */

import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Mutant } from './mutant.ts'

const runFile = promisify(execFile)

/** A broken copy, ready to be hunted. */
export interface BrokenCopy {
  /** The folder of the copy's compiled sources. */
  readonly compiledDir: string
  /** Removes the copy. */
  dispose(): void
}

/**
 * The broken text of a mutant's file.
 *
 * @throws {Error} the text to be replaced does not stand in the file exactly once: the mutant needs a new anchor
 */
export function brokenText(root: string, { name, file, find, replace }: Mutant): string {
  const path = join(root, file)
  if (!existsSync(path)) throw new Error(`mutant ${name}: there is no ${file}`)
  const parts = readFileSync(path, 'utf8').split(find)
  if (parts.length === 2) return parts.join(replace)
  throw new Error(`mutant ${name}: its text stands ${parts.length - 1} times in ${file}, not once:\n${find}`)
}

/**
 * Copies the compiled sources, and breaks the copy. Without a mutant it stays whole.
 *
 * @throws {Error} the mutant has lost its anchor, or does not compile
 */
export async function makeCopy(root: string, mutant: Mutant | undefined): Promise<BrokenCopy> {
  const text = mutant === undefined ? undefined : brokenText(root, mutant)
  const dir = mkdtempSync(join(tmpdir(), 'gossip-mutant-'))
  const dispose = (): void => rmSync(dir, { recursive: true, force: true })
  try {
    const compiledDir = join(dir, 'build')
    cpSync(join(root, 'build', 'src'), compiledDir, { recursive: true })
    symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'), 'junction')
    writeFileSync(join(dir, 'package.json'), '{"type":"module"}')
    if (mutant !== undefined && text !== undefined) await compile(root, dir, mutant, text)
    return { compiledDir, dispose }
  } catch (error) {
    dispose()
    throw error
  }
}

/** Compiles one file and looks at no other: types were checked before anything was broken. */
async function compile(root: string, dir: string, { name, file }: Mutant, text: string): Promise<void> {
  const path = join(dir, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  const compilerOptions = {
    ...{ rootDir: join(dir, 'src'), outDir: join(dir, 'build'), sourceMap: false },
    ...{ noCheck: true, noResolve: true, types: [] },
  }
  const config = { extends: join(root, 'tsconfig.test.json'), compilerOptions, files: [path], include: [] }
  writeFileSync(join(dir, 'tsconfig.json'), JSON.stringify(config))
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  try {
    await runFile(process.execPath, [compiler, '-p', join(dir, 'tsconfig.json')])
  } catch (error) {
    const { stdout } = error as { stdout?: unknown }
    throw new Error(`mutant ${name} does not compile:\n${String(stdout)}`, { cause: error })
  }
}
