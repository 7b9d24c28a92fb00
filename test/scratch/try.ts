import { VirtualCluster } from '../harness/virtual-cluster.ts'
const fanout = Number(process.argv[2] ?? 3), n = 100, loss = Number(process.argv[3] ?? 0), rounds = Number(process.argv[4] ?? 300), seed = Number(process.argv[5] ?? 1)
const c = new VirtualCluster(seed, { fanout }, { lossChance: loss })
c.keepsEvents = (e) => e.type === 'peer dead' || e.type==='error'||e.type==='conflict'
for (let i = 0; i < n; i++) { c.add(`p${i}`, ['p0']); c.set(`p${i}`, 'k', i) }
const t0 = performance.now()
let all = -1
for (let r = 1; r <= 200; r++) {
  c.run(1000)
  if (all < 0) { let ok = true; for (const a of c.nodes.values()) for (let i = 0; i < n; i++) if (a.engine.read(`p${i}`, 'k', c.now) === undefined) { ok = false; break }
    if (ok) { all = r; console.log('all everywhere by round', r) } }
}
console.log('false deaths', [...c.nodes.values()].reduce((s, x) => s + x.events.length, 0))
if (process.argv[6] === 'crash') {
c.crash('p7'); const at = c.now
let seen = -1
for (let r = 1; r <= 2000 && seen < 0; r++) { c.run(100); if ([...c.nodes.values()].every(x => x.id === 'p7' || x.engine.peer('p7')?.status === 'dead')) seen = (c.now - at) / 1000 }
console.log('crash seen everywhere after', seen)
} else { c.run((rounds-200)*1000) }
const evs = [...c.nodes.values()].flatMap(x => x.events.map(e => ({ by: x.id, ...e })))
console.log('dead events', evs.filter(e=>e.event.type==='peer dead' && e.event.peerId!=='p7').length, evs.slice(0,3).map(e=>JSON.stringify(e)))
console.log('ms', Math.round(performance.now() - t0), 'messages', c.messages, JSON.stringify(c.node('p3').engine.stats))
