import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Progress } from '../../../src/agent/demo/index.ts'

const suiteOfProgress = suite('progress')

function written(terminal: { isTTY?: boolean; columns?: number }, use: (progress: Progress) => void): string {
  let text = ''
  use(new Progress({ ...terminal, write: (part) => (text += part) }))
  return text.replace(/ +\d+\.\d s/g, 'T')
}

suiteOfProgress('on a terminal progress is one line that redraws itself and gives way to lines that stay', () => {
  const text = written({ isTTY: true, columns: 30 }, (progress) => {
    progress.show('act', '1 of 2')
    progress.show('act', `2 of 2 ${'x'.repeat(100)}`)
    progress.tell('act', 'done')
    progress.print('end\n')
  })
  const [first, second, rest] = text.split('\r\u001B[2K').slice(1)
  assert.is(first, 'T  act        1 of 2')
  assert.is((second ?? '').length - 'T'.length + '  0.0 s'.length, 29)
  assert.is(rest, 'T  act        done\nend\n')
})

suiteOfProgress('a terminal that does not know its width gets the usual one', () => {
  assert.match(
    written({ isTTY: true, columns: 0 }, (progress) => progress.show('act', '1 of 2')),
    /1 of 2$/,
  )
})

suiteOfProgress('elsewhere progress is no more than a line a second, and nothing is redrawn', () => {
  const text = written({}, (progress) => {
    for (let i = 0; i < 100; i++) progress.show('act', `${i} of 100`)
    progress.tell('act', 'done')
  })
  assert.is(text, 'T  act        done\n')
})

suiteOfProgress.run()
