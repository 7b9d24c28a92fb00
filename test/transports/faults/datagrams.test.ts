/** Datagrams through faults: bytes that fare as messages do. */

import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { PeerRef } from '../../../src/core/index.ts'
import { type FaultOptions, withFaults } from '../../../src/transports/index.ts'
import { VirtualSystem } from '../../harness/virtual-system.ts'
import { ben, Recorder } from './recorder.ts'

const datagrams = suite('faults: datagrams')

/** A recorder of bytes. */
class ByteRecorder extends Recorder {
  readonly maxDatagramBytes = 100
  readonly arrived: { readonly to: PeerRef; readonly payload: Uint8Array }[] = []

  datagram(to: PeerRef, payload: Uint8Array): void {
    this.arrived.push({ to, payload })
  }
}

function world(options: FaultOptions) {
  const system = new VirtualSystem()
  const inner = new ByteRecorder()
  return { system, inner, faulty: withFaults(inner, { seed: 7, system, ...options }) }
}

datagrams('without options they pass at once, as they are', () => {
  const { inner, faulty } = world({})
  const payload = Uint8Array.of(1, 2)
  faulty.datagram(ben, payload)
  assert.equal(inner.arrived, [{ to: ben, payload }])
  assert.is(faulty.maxDatagramBytes, 100)
})

datagrams('they are lost, doubled and late, and late ones are copies', async () => {
  const { inner, faulty, system } = world({ lossChance: 0.3, duplicateChance: 0.3, delayMs: 5 })
  const payload = Uint8Array.of(1, 2)
  for (let i = 0; i < 100; i++) faulty.datagram(ben, payload)
  payload.fill(9)
  assert.is(inner.arrived.length, 0)
  await system.run(5)
  const { lost, duplicated } = faulty.faults.stats
  assert.ok(lost > 10 && duplicated > 10)
  assert.is(inner.arrived.length, 100 - lost + duplicated)
  for (const arrived of inner.arrived) assert.equal(arrived, { to: ben, payload: Uint8Array.of(1, 2) })
})

datagrams('a damaged one differs in one byte, and the original does not', () => {
  const { inner, faulty } = world({ corruptChance: 1 })
  const payload = new Uint8Array(50)
  for (let i = 0; i < 50; i++) faulty.datagram(ben, payload)
  for (const { payload: arrived } of inner.arrived) {
    assert.is(arrived.filter((byte) => byte !== 0).length, 1)
  }
  faulty.datagram(ben, new Uint8Array(0))
  assert.is(inner.arrived.at(-1)?.payload.length, 1)
  assert.equal(payload, new Uint8Array(50))
})

datagrams('those of the platform are copied too', async () => {
  const { inner, faulty, system } = world({ delayMs: 5, corruptChance: 1 })
  const payload = Buffer.alloc(9)
  faulty.datagram(ben, payload)
  payload.fill(1)
  await system.run(5)
  assert.is(inner.arrived[0]?.payload.filter((byte) => byte !== 0).length, 1)
  faulty.faults.set({ delayMs: 0 })
  faulty.datagram(ben, payload)
  assert.ok(payload.every((byte) => byte === 1))
})

datagrams('what is held is bounded by its bytes', () => {
  const { faulty } = world({ delayMs: 5, heldBytesMax: 1_024 })
  const codes: unknown[] = []
  faulty.on('error', (error) => codes.push(Reflect.get(error, 'code')))
  for (let i = 0; i < 3; i++) faulty.datagram(ben, new Uint8Array(400))
  assert.equal(codes, ['GOSSIP_QUEUE_FULL'])
  faulty.faults.dropHeld()
})

datagrams('a partition cuts them off', () => {
  const { inner, faulty } = world({})
  faulty.faults.partition(ben.transport)
  faulty.datagram(ben, Uint8Array.of(1))
  assert.equal([inner.arrived.length, faulty.faults.stats.cut], [0, 1])
})

datagrams.run()
