import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Endpoint } from '../../../src/transports/udp/endpoint.ts'
import { NAME_MS, Names } from '../../../src/transports/udp/names.ts'

const naming = suite('udp: names')

naming('a name is asked for once while the answer is fresh, and never for an IP address', () => {
  let asked = 0
  const names = new Names((_, callback) => {
    asked++
    callback(null, [{ address: '10.0.0.1' }, { address: '::1' }, { address: '255.255.255.255' }])
  })
  const found: (readonly Endpoint[] | Error)[] = []
  for (const nowMs of [0, NAME_MS, NAME_MS + 1]) names.find({ host: 'db1', port: 5 }, nowMs, (each) => found.push(each))
  assert.is(asked, 2)
  for (const each of found)
    assert.equal(
      (each as Endpoint[]).map(({ key }) => key),
      ['10.0.0.1:5', '[::1]:5'],
    )
  names.find({ host: '10.0.0.2', port: 5 }, 0, (each) => assert.is((each as Endpoint[])[0]?.key, '10.0.0.2:5'))
  names.find({ host: '255.255.255.255', port: 5 }, 0, (each) => assert.instance(each, Error))
  assert.is(asked, 2)
})

naming.run()
