/** Transfers of what is too large for messages, where the transport has them. */

import { type JsonValue, sealedJson } from '../../../core/index.ts'
import { bulkPair, bulkTo, ended, refuseAll, Transfer, takeAll } from '../bulk-play.ts'
import type { CaseDefinition } from '../case.ts'
import { unreachableAddress } from '../dead-address.ts'
import { difference } from '../difference.ts'
import { outboundErrorProblem } from '../error-rules.ts'
import type { Scene } from '../scene.ts'

const GROUPS = 20
const LARGE_UNITS = 1_048_576
/** Of an endless transfer this much may be under way in buffers when it is stopped. */
const AHEAD_GROUPS_MAX = 1_024
const GROUP_UNITS = 32_768

/** Cases about bulk. */
export const bulkCases: readonly CaseDefinition[] = [
  { name: 'bulk: groups arrive in order and whole, and both sides hear the end', needs: ['bulk'], play: whole },
  {
    name: 'bulk: nothing is made before it is wanted, and a refusal is told by its code',
    needs: ['bulk'],
    play: refused,
  },
  { name: 'bulk: a receiver that has enough stops it', needs: ['bulk'], play: stopped },
  { name: 'bulk: a value over the limit ends it, and what came before it stands', needs: ['bulk'], play: tooLarge },
  { name: 'bulk: messages are heard while a transfer runs', needs: ['bulk'], play: beside },
  { name: 'bulk: an unreachable peer ends it with a code', needs: ['bulk', 'a dead peer'], play: unreachable },
  { name: 'bulk: closing ends it on both sides', needs: ['bulk'], play: closed },
]

/** A group of a map that grows by one key. */
function group(at: number, value: JsonValue): JsonValue {
  const head = { id: 'owner', generation: 1, from: at, gcVersion: 0, maxVersion: at + 1, top: at + 1 }
  return { ...head, entries: [['key', value, at + 1]] }
}

async function whole(scene: Scene): Promise<void> {
  const [a, b] = await bulkPair(scene)
  const large = 'x"é雪\\😀'.repeat(LARGE_UNITS / 8)
  const values = Array.from({ length: GROUPS }, (_, at): JsonValue => (at === GROUPS >> 1 ? { large } : { at }))
  const sink = takeAll(b)
  const transfer = new Transfer((at) => (at < GROUPS ? group(at, values[at] as JsonValue) : undefined))
  bulkTo(scene, a, b.ref, transfer)
  await ended(scene, transfer)
  if (transfer.error !== undefined) scene.fail('Bulk', 'a transfer to succeed', transfer.problem)
  await scene.until('Bulk', 'the receiver to hear the end', () => sink.ends > 0)
  const came = sink.groups.map((each) => unsealed(each))
  const sent = values.map((value, at) => group(at, value))
  const found = difference(sent, came, 'the groups')
  if (found !== undefined) scene.fail('Bulk', 'groups to arrive in order and unaltered', found)
  if (sink.ends !== 1) scene.fail('Bulk', 'the end to be told once', `it was told ${sink.ends} times`)
}

async function refused(scene: Scene): Promise<void> {
  const [a, b] = await bulkPair(scene)
  refuseAll(b, 'KIT_HAS_NO_ROOM')
  const transfer = new Transfer((at) => group(at, at))
  bulkTo(scene, a, b.ref, transfer)
  if (transfer.asked > 0) scene.fail('Bulk', 'bulk() to return before a group is asked for', 'one was')
  await ended(scene, transfer)
  if (transfer.code !== 'KIT_HAS_NO_ROOM') {
    scene.fail('Bulk', 'the code of the refusal, KIT_HAS_NO_ROOM, to end the transfer', transfer.problem)
  }
  if (transfer.asked > 0) scene.fail('Bulk', 'no group to be asked for before it is wanted', `${transfer.asked} were`)
}

async function stopped(scene: Scene): Promise<void> {
  const [a, b] = await bulkPair(scene)
  const sink = takeAll(b, { groupsMax: 3 })
  const transfer = new Transfer((at) => group(at, 'x'.repeat(GROUP_UNITS)))
  bulkTo(scene, a, b.ref, transfer)
  await ended(scene, transfer)
  if (transfer.error === undefined)
    scene.fail('Bulk', 'a transfer that was stopped to end with an error', 'it succeeded')
  await scene.until('Bulk', 'the receiver to hear the end', () => sink.ends > 0)
  if (sink.groups.length !== 3) {
    scene.fail('Bulk', 'no group to be given after take() said false', `${sink.groups.length - 3} were`)
  }
  if (transfer.asked > AHEAD_GROUPS_MAX) {
    const expected = `a sender not to run ahead by more than ${AHEAD_GROUPS_MAX} groups of ${GROUP_UNITS} bytes`
    scene.fail('Bulk', expected, `${transfer.asked} were asked for`)
  }
}

async function tooLarge(scene: Scene): Promise<void> {
  const [a, b] = await bulkPair(scene)
  const sink = takeAll(b, { valueBytesMax: 10_000 })
  const transfer = new Transfer((at) => (at < 9 ? group(at, at === 2 ? 'x'.repeat(LARGE_UNITS) : at) : undefined))
  bulkTo(scene, a, b.ref, transfer)
  await ended(scene, transfer)
  if (transfer.error === undefined) scene.fail('Bulk', 'a value over valueBytesMax to end the transfer', 'it succeeded')
  await scene.until('Bulk', 'the receiver to hear the end', () => sink.ends > 0)
  if (sink.groups.length !== 2) {
    scene.fail('Bulk', 'the two groups before that value to arrive, and none after', `${sink.groups.length} did`)
  }
}

async function beside(scene: Scene): Promise<void> {
  const [a, b] = await bulkPair(scene)
  const sink = takeAll(b)
  let isLast = false
  const transfer = new Transfer((at) => (isLast ? undefined : group(at, 'x'.repeat(GROUP_UNITS))))
  bulkTo(scene, a, b.ref, transfer)
  await scene.until('Bulk', 'a group to arrive', () => sink.groups.length > 0)
  for (let round = 0; round < 3; round++) {
    await scene.deliver({ from: a, to: b, kind: 'digest', payload: scene.mark('beside it') })
    await scene.deliver({ from: b, to: a, kind: 'deltas', payload: scene.mark('and back') })
  }
  isLast = true
  await ended(scene, transfer)
  if (transfer.error !== undefined) scene.fail('Bulk', 'a transfer to succeed', transfer.problem)
}

async function unreachable(scene: Scene): Promise<void> {
  const address = await unreachableAddress(scene)
  const a = await scene.peer()
  const transfer = new Transfer((at) => group(at, at))
  bulkTo(scene, a, { transport: address }, transfer)
  await ended(scene, transfer)
  if (transfer.error === undefined) scene.fail('Bulk', 'a transfer to nobody to end with an error', 'it succeeded')
  const problem = outboundErrorProblem(transfer.error, address)
  if (problem !== undefined) scene.fail('Errors', 'the error that ends it to name the peer and the direction', problem)
}

async function closed(scene: Scene): Promise<void> {
  for (const who of ['a', 'b'] as const) {
    const [a, b] = await bulkPair(scene)
    const sink = takeAll(b)
    const transfer = new Transfer((at) => group(at, 'x'.repeat(GROUP_UNITS)))
    bulkTo(scene, a, b.ref, transfer)
    await scene.until('Bulk', 'a group to arrive', () => sink.groups.length > 0)
    await scene.close(who === 'a' ? a : b)
    await ended(scene, transfer)
    if (transfer.error === undefined) scene.fail('Bulk', 'closing to end a transfer with an error', 'it succeeded')
    await scene.until('Bulk', 'the receiver to hear the end', () => sink.ends > 0)
  }
}

/** A group with its values as they were before they were sealed. */
function unsealed(each: unknown): JsonValue {
  const { entries, ...head } = each as { readonly entries: readonly (readonly JsonValue[])[] }
  return { ...head, entries: entries.map((entry) => entry.map((part) => sealedJson(part)?.value ?? part)) }
}
