import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { crc32c } from '../../../src/storage/file/crc32c.ts'

const checksum = suite('crc32c')

checksum('the values published for it come out', () => {
  // RFC 3720, appendix B.4, and the check value of the catalogues.
  assert.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283)
  assert.is(crc32c(new Uint8Array(32)), 0x8a9136aa)
  assert.is(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  assert.is(crc32c(Uint8Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e)
})

checksum('a part seeded with the part before it gives that of the whole', () => {
  const bytes = new TextEncoder().encode('some bytes and some more')
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.is(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut))), crc32c(bytes))
  }
})

checksum.run()
