import { MixedCluster } from './mixed-cluster.ts'

const seed = Number(process.argv[2] ?? 1)
const c = new MixedCluster(seed)
c.addOld('o1', [], { a: 1, b: 2, c: 3, d: 4, e: 5, f: 6, g: 7 })
c.addOld('o2', ['o1'], { x: 1 })
c.addOld('o3', ['o1'], {})
for (let i = 1; i <= 3; i++) {
  c.addNew(`n${i}`, ['o1'])
  c.new(`n${i}`).set('k', i)
}
const t0 = performance.now()
console.log(
  'agree after',
  c.runUntil(() => c.disagreements().length === 0, 60_000),
)
console.log(
  'live after',
  c.runUntil(() => c.notLive().length === 0, 60_000),
)
c.run(60_000)
console.log(c.disagreements(), c.notLive())
for (const [id, n] of c.news)
  console.log(
    id,
    n.errors.map(String),
    n.node.peers().map((p) => [p.id, p.status, p.generation, p.heartbeat, p.isOld].join(' ')),
  )
for (const [id, n] of c.olds) console.log(id, n.errors.map(String))
c.addOld('o1', ['n1'], { a: 9 })
console.log('restart', c.now)
console.log(
  'agree after',
  c.runUntil(() => c.disagreements().length === 0, 120_000),
)
console.log(c.disagreements())
c.new('n1').delete('k')
c.new('n1').set('k2', { deep: [1] })
console.log(
  'agree after',
  c.runUntil(() => c.disagreements().length === 0, 120_000),
)
c.addNew('n2', ['n1'])
c.new('n2').set('q', 1)
console.log(
  'agree after',
  c.runUntil(() => c.disagreements().length === 0, 120_000),
  c.disagreements(),
)
c.run(600_000)
console.log(c.disagreements(), c.notLive(), performance.now() - t0)
for (const [id, n] of c.news)
  console.log(
    id,
    n.errors.map(String),
    n.node.peers().map((p) => [p.id, p.status, p.generation, p.heartbeat, p.isOld].join(' ')),
  )
