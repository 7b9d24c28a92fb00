/** What a page loads: parts of the package as a bundler makes them for browsers, by the package's own conditions. */

import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { repositoryRoot } from '../tidy/tree.ts'

/** A bundle. */
export interface Bundle {
  readonly text: string
  /** Its size as it travels. */
  readonly gzipBytes: number
  /** The files of which something is in it; what was read and not used is not among them. */
  readonly inputs: readonly string[]
}

/**
 * Bundles a module for browsers.
 *
 * @param contents - its source, which may import from the package by name
 * @param globalName - under what name a page finds its exports; without one it is a module
 */
export async function bundle(contents: string, globalName?: string): Promise<Bundle> {
  const result = await build({
    stdin: { contents, resolveDir: repositoryRoot() },
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    target: 'es2022',
    logLevel: 'silent',
    ...(globalName === undefined ? { format: 'esm' } : { format: 'iife', globalName }),
  })
  const text = result.outputFiles[0]?.text ?? ''
  const parts = Object.values(result.metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs))
  const inputs = parts.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []))
  return { text, gzipBytes: gzipSync(text, { level: 9 }).length, inputs }
}
