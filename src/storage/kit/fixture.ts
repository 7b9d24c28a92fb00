/** What the author of a storage writes for the kit: how to come by a place, and by a storage over it. */

import { InvalidOptionError, type Storage } from '../../core/index.ts'

/** Something that outlives a storage object: a folder, a database. */
export interface StoragePlace {
  /** A new storage over this place, as a process makes it that starts. It is not open yet. */
  storage(): Storage | Promise<Storage>
  /** Called at the end of a case, when its storages are closed: removes the place. */
  remove?(): unknown
}

/** A storage as the kit sees it. */
export interface StorageFixture {
  /** For reports. */
  readonly name: string
  /** Makes a place that is empty. */
  createPlace(): StoragePlace | Promise<StoragePlace>
}

/**
 * Refuses what is no fixture.
 *
 * @throws {InvalidOptionError} a field is missing or of the wrong type
 */
export function assertFixture(fixture: StorageFixture): void {
  const { name, createPlace } = Object(fixture) as Record<string, unknown>
  if (typeof name !== 'string' || name === '') throw new InvalidOptionError('fixture.name', 'a non-empty text', name)
  if (typeof createPlace === 'function') return
  throw new InvalidOptionError('fixture.createPlace', 'a function', createPlace)
}
