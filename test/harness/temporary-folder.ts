/** A folder for one test's files, outside the repository. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder that exists until `remove`. */
export class TemporaryFolder {
  /** Absolute path. */
  readonly path: string = mkdtempSync(join(tmpdir(), 'gossipmonger-'))

  /**
   * Writes a file, with the folders above it.
   *
   * @param name - path below the folder
   * @returns the absolute path
   */
  write(name: string, text: string): string {
    const path = join(this.path, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text)
    return path
  }

  /** Removes the folder and all in it. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
