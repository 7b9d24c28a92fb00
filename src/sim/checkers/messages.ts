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
  readonly generation: number | undefined
  readonly heartbeat: number
  readonly silentMs: number | undefined
  /** Only in the own entry. */
  readonly step: number | undefined
  readonly answers: number | undefined
  readonly claim: { readonly from: string | null; readonly to: string | null } | undefined
}

/** The groups of a deltas message. */
export function groupsIn(payload: JsonValue): readonly SeenGroup[] {
  if (!Array.isArray(payload)) return []
  return (payload as readonly unknown[]).filter(isGroup)
}

/** The items of a digest. */
export function itemsIn(payload: JsonValue): readonly SeenItem[] {
  if (!Array.isArray(payload)) return []
  return (payload as readonly unknown[]).flatMap((item) => seenItem(item) ?? [])
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
    if (typeof id !== 'string' || typeof heartbeat !== 'number') return undefined
    const none = { generation: undefined, silentMs: undefined, step: undefined, answers: undefined, claim: undefined }
    return { id, heartbeat, ...none }
  }
  if (!isPlainObject(value) || typeof value['id'] !== 'string' || typeof value['heartbeat'] !== 'number')
    return undefined
  const { id, heartbeat, generation, silentMs, step, answers, claim } = value as unknown as SeenItem
  return { id, heartbeat, generation, silentMs, step, answers, claim }
}
