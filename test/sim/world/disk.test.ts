import fc from 'fast-check'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { Disk } from '../../../src/sim/world/disk.ts'
import { checkProperty } from '../../harness/property.ts'

const disks = suite('disk')

function written(): Disk {
  const disk = new Disk()
  disk.writeGeneration(7)
  disk.writeEntry('a', 1)
  disk.writeEntry('b', null)
  disk.writeEntry('a', 2)
  disk.deleteEntry('b')
  return disk
}

function contents(disk: Disk): readonly unknown[] {
  return [disk.generation, ...disk.entries()]
}

disks('it says the highest generation and the last value of each key', () => {
  assert.equal(contents(new Disk()), [0])
  const disk = written()
  assert.equal(contents(disk), [7, ['a', 2]])
  disk.writeGeneration(3)
  disk.writeEntry('b', null)
  assert.equal(contents(disk), [7, ['a', 2], ['b', null]])
})

disks('keys stand in the order of their last writes', () => {
  const disk = new Disk()
  for (const key of ['a', 'b', 'c', 'a']) disk.writeEntry(key, 1)
  assert.equal([...disk.entries().keys()], ['b', 'c', 'a'])
})

disks('a crash may keep everything, or lose everything', () => {
  const disk = written()
  disk.crash('kept', () => 0)
  assert.equal(contents(disk), [7, ['a', 2]])
  disk.crash('lost', () => 0.999)
  assert.equal(contents(disk), [0])
})

disks('a torn disk ends earlier, by at least one record', () => {
  const after = [[0], [7], [7, ['a', 1]], [7, ['a', 1], ['b', null]], [7, ['b', null], ['a', 2]]]
  for (let kept = 0; kept < 5; kept++) {
    const disk = written()
    disk.crash('torn', () => kept / 5 + 0.001)
    assert.equal(contents(disk), after[kept], `${kept} records`)
  }
  const empty = new Disk()
  empty.crash('torn', () => 0.999)
  assert.equal(contents(empty), [0])
})

disks('a copy is a disk of its own', () => {
  const [disk, copy] = [written(), new Disk()]
  copy.writeEntry('x', 1)
  copy.copyFrom(disk)
  assert.equal(contents(copy), [7, ['a', 2]])
  disk.writeEntry('a', 3)
  copy.deleteEntry('a')
  disk.writeGeneration(9)
  assert.equal([contents(disk), contents(copy)], [[9, ['a', 3]], [7]])
})

disks('rewriting a long journal changes nothing of what it says', () => {
  const writes = fc.record({ key: fc.integer({ min: 0, max: 3_000 }), isDeletion: fc.boolean() })
  checkProperty(
    fc.property(fc.integer({ min: 1, max: 1_500 }), fc.array(writes, { maxLength: 20 }), (keys, rest) => {
      const disk = new Disk()
      const expected = new Map<string, number>()
      const put = (key: string, value: number): void => {
        disk.writeEntry(key, value)
        expected.delete(key)
        expected.set(key, value)
      }
      disk.writeGeneration(keys)
      for (let i = 0; i < 2_600; i++) put(`k${(i * 7) % keys}`, i)
      rest.forEach(({ key, isDeletion }, i) => {
        if (isDeletion) {
          disk.deleteEntry(`k${key}`)
          expected.delete(`k${key}`)
        } else put(`k${key}`, i)
      })
      assert.is(disk.generation, keys)
      assert.equal([...disk.entries()], [...expected])
    }),
    { numRuns: 20 },
  )
})

disks('a disk that was rewritten still tears at its end', () => {
  const disk = new Disk()
  disk.writeGeneration(5)
  for (let i = 0; i <= 5_000; i++) disk.writeEntry(`k${i % 10}`, i)
  disk.crash('torn', () => 0.999)
  const kept = [...disk.entries().values()].map(Number)
  assert.is(disk.generation, 5)
  assert.ok(Math.max(...kept) < 5_000 && Math.min(...kept) > 3_000, `${kept}`)
})

disks.run()
