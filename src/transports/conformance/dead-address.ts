/** Addresses where nobody answers, from the fixture or made by closing a transport. */

import type { JsonValue } from '../../core/index.ts'
import type { AddressSource } from './fixture.ts'
import type { Scene } from './scene.ts'

/** An address of the right form where nobody is. */
export async function unreachableAddress(scene: Scene): Promise<JsonValue> {
  const { unreachableAddress: source } = scene.fixture
  return source === undefined ? addressOfClosed(scene) : resolved(scene, source)
}

/** An address that takes messages and never answers, or else one where nobody is. */
export async function silentAddress(scene: Scene): Promise<JsonValue> {
  const { silentAddress: source } = scene.fixture
  return source === undefined ? unreachableAddress(scene) : resolved(scene, source)
}

async function resolved(scene: Scene, source: AddressSource): Promise<JsonValue> {
  return typeof source === 'function' ? scene.within('Errors', 'an address of the fixture', () => source()) : source
}

async function addressOfClosed(scene: Scene): Promise<JsonValue> {
  const peer = await scene.peer({ id: 'gone' })
  const { address } = peer
  await scene.close(peer)
  return address
}
