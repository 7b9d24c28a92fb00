/** Messages of the engine's own dialect as checkers read them: whatever has no such shape is passed over. */

import { isPlainObject, type JsonValue } from '../../core/index.ts'

/** A group of a deltas message, as far as it has the right types. */
export interface SeenGroup {
  readonly id: string
  readonly generation: number
  readonly gcVersion: number
  readonly maxVersion: number
  readonly top: number
  readonly entries: readonly (readonly JsonValue[])[]
}

/** An item of a digest: an entry, a removal record, or a pair, whose heartbeat is all it has. */
export interface SeenItem {
  readonly id: string
  readonly generation?: number | undefined
  readonly heartbeat: number
  readonly silentMs?: number | undefined
  /** Only in the own entry. */
  readonly step?: number | undefined
  readonly answers?: number | undefined
  readonly claim?: { readonly from: string | null; readonly to: string | null } | undefined
}

/** The groups of a deltas message. */
export function groupsIn(payload: JsonValue): readonly SeenGroup[] {
  if (!Array.isArray(payload)) return []
  return (payload as readonly unknown[]).filter(isGroup)
}

const NO_ITEMS: readonly SeenItem[] = []
/** Several checkers look at one message, and one digest goes to several peers. */
const read = new WeakMap<object, readonly SeenItem[]>()

/** The items of a digest. O(items) the first time. */
export function itemsIn(payload: JsonValue): readonly SeenItem[] {
  if (!Array.isArray(payload)) return NO_ITEMS
  const present = read.get(payload)
  if (present !== undefined) return present
  const items: SeenItem[] = []
  for (const value of payload as readonly unknown[]) {
    const item = seenItem(value)
    if (item !== undefined) items.push(item)
  }
  read.set(payload, items)
  return items
}

/** The sender's own entry of a digest; it alone has a step. */
export function ownItemIn(payload: JsonValue, senderId: string): SeenItem | undefined {
  return itemsIn(payload).find(({ id, step }) => id === senderId && step !== undefined)
}

function isGroup(value: unknown): value is SeenGroup {
  if (!isPlainObject(value) || typeof value['id'] !== 'string' || !Array.isArray(value['entries'])) return false
  return ['generation', 'gcVersion', 'maxVersion', 'top'].every((name) => typeof value[name] === 'number')
}

function seenItem(value: unknown): SeenItem | undefined {
  if (Array.isArray(value)) {
    const [id, heartbeat] = value as readonly unknown[]
    return typeof id === 'string' && typeof heartbeat === 'number' ? { id, heartbeat } : undefined
  }
  if (!isPlainObject(value) || typeof value['id'] !== 'string' || typeof value['heartbeat'] !== 'number')
    return undefined
  return value as unknown as SeenItem
}
