import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { sha256 } from '../../../src/transports/codec/sha-256.ts'
import { checkProperty } from '../../harness/property.ts'

const sha = suite('sha-256')

function assertAsRuntime(bytes: Uint8Array): void {
  assert.equal([...sha256(bytes)], [...createHash('sha256').update(bytes).digest()])
}

sha('every length around the block boundaries hashes as the runtime does it', () => {
  for (let length = 0; length <= 200; length++) assertAsRuntime(Uint8Array.from({ length }, (_, i) => (i * 7) & 0xff))
})

sha('any bytes hash as the runtime does it, parts of larger buffers too', () => {
  checkProperty(
    fc.property(fc.uint8Array({ maxLength: 500 }), fc.nat(50), (bytes, from) => assertAsRuntime(bytes.subarray(from))),
  )
})

sha('a megabyte hashes as the runtime does it', () => assertAsRuntime(new Uint8Array(1_048_576).fill(0xa5)))

sha.run()
