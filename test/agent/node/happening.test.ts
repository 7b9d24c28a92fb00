import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type Happening, happeningJson, happeningText } from '../../../src/agent/node/index.ts'

const happening = suite('happening')

const at = new Date(2020, 0, 2, 3, 4, 5, 6)

const ALL: readonly (readonly [Happening, string])[] = [
  [
    { event: 'listening', id: 'a', generation: 7, address: { host: '127.0.0.1', port: 1 } },
    'listening       a at 127.0.0.1:1, generation 7',
  ],
  [{ event: 'peer live', peer: 'b', generation: 8, address: 'b:2' }, 'peer live       b at b:2, generation 8'],
  [
    { event: 'peer suspected', peer: 'b', phi: 3.14, deadPeerPhi: 8, silentMs: 7_200, dueInMs: 11_300 },
    'peer suspected  b φ 3.1, silent for 7.20 s; dead at 8, in 11.3 s',
  ],
  [{ event: 'peer dead', peer: 'b', phi: 8.02, silentMs: 18_500 }, 'peer dead       b φ 8.0, silent for 18.5 s'],
  [{ event: 'peer removed', peer: 'b' }, 'peer removed    b'],
  [{ event: 'set', peer: 'b', key: 'k', value: { n: 1 } }, 'set             b k = {"n":1}'],
  [{ event: 'delete', peer: 'b', key: 'two words' }, 'delete          b "two words"'],
  [{ event: 'error', code: 'GOSSIP_X', message: 'lost', times: 3 }, 'error           GOSSIP_X: lost (3 times)'],
  [{ event: 'left', id: 'a' }, 'left            a'],
]

for (const [fact, text] of ALL) {
  happening(`'${fact.event}' is one line for people and one of JSON`, () => {
    assert.is(happeningText(fact, at), `03:04:05.006  ${text}`)
    assert.equal(JSON.parse(happeningJson(fact, at)), { at: at.toISOString(), ...fact })
  })
}

happening.run()
