import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { counted, shownAddress, shownName, shownSeconds, shownText, shownValue } from '../../../src/agent/cli/index.ts'

const shown = suite('shown')

shown('a plain name is shown as it is, any other in quotes', () => {
  assert.is(shownName('web-1.example:9742'), 'web-1.example:9742')
  assert.is(shownName('two words'), '"two words"')
  assert.is(shownName(''), '""')
})

shown('nothing that comes from the network can steer the terminal', () => {
  const hostile = 'a\u001B[2Jb\u009Bc\u202Ed\u2028e\rf\ng\u0000'
  for (const text of [
    shownName(hostile),
    shownValue({ [hostile]: [hostile] }),
    shownText(hostile),
    shownAddress(hostile),
  ]) {
    assert.not.match(text, /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  }
})

shown('a long value is cut, and says how long it is', () => {
  const text = shownValue('x'.repeat(10_000))
  assert.ok(text.length < 250)
  assert.match(text, /… \(10002 characters\)$/)
})

shown('an address is shown as people write it', () => {
  assert.is(shownAddress({ host: '127.0.0.1', port: 9_742 }), '127.0.0.1:9742')
  assert.is(shownAddress({ host: '::1', port: 1 }), '[::1]:1')
  assert.is(shownAddress('db1:9742'), 'db1:9742')
  assert.is(shownAddress({ path: 'x' }), '{"path":"x"}')
  assert.is(shownAddress(undefined), 'no address')
})

shown('figures have as many digits as mean something', () => {
  assert.is(shownSeconds(1_234), '1.23 s')
  assert.is(shownSeconds(12_345), '12.3 s')
  assert.is(counted(1, 'round'), '1 round')
  assert.is(counted(1_234, 'round'), '1,234 rounds')
  assert.is(counted(2, 'copy', 'copies'), '2 copies')
})

shown.run()
