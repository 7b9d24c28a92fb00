/** Whose a place is: one name's in one cluster, for good. */

import { StorageError, type StorageOwner } from '../core/index.ts'

/**
 * Refuses an owner that is not the one the place belongs to.
 *
 * @param path - the place, where it has one
 * @throws {StorageError} `GOSSIP_STORAGE_FOREIGN`
 */
export function assertOwner(owner: StorageOwner, present: StorageOwner, path?: string): void {
  if (owner.id === present.id && owner.clusterId === present.clusterId) return
  const problem =
    owner.id === present.id
      ? `belongs to the cluster ${JSON.stringify(present.clusterId)}, not ${JSON.stringify(owner.clusterId)}`
      : `belongs to ${JSON.stringify(present.id)}, not ${JSON.stringify(owner.id)}`
  throw new StorageError('GOSSIP_STORAGE_FOREIGN', `${path ?? 'this storage'} ${problem}`, { path })
}
