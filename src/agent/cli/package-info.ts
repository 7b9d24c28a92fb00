/** The package this code belongs to, wherever it was built or installed. */

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { assert, isPlainObject } from '../../core/index.ts'

const NAME = 'gossipmonger-engine'

/** Where the package is, and what its `package.json` says. */
export interface PackageInfo {
  readonly folder: string
  readonly version: string
  readonly dependencies: Readonly<Record<string, unknown>>
}

/** Looks from this file upwards for the package. */
export function packageInfo(): PackageInfo {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'package.json')
    const manifest: unknown = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
    if (isPlainObject(manifest) && manifest['name'] === NAME) {
      const { version, dependencies } = manifest
      return { folder, version: String(version), dependencies: isPlainObject(dependencies) ? dependencies : {} }
    }
    assert(folder !== dirname(folder))
  }
}
