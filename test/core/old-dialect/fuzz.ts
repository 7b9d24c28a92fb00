import type { JsonValue } from '../../../src/core/index.ts'
import { MixedCluster } from './mixed-cluster.ts'

const from = Number(process.argv[2] ?? 1),
  to = Number(process.argv[3] ?? from)
const mode = process.argv[4] ?? 'all'
const verbose = process.argv.includes('-v')
let bad = 0
for (let seed = from; seed <= to; seed++) {
  const c = new MixedCluster(seed)
  const r = c.random
  const int = (n: number) => Math.floor(r() * n)
  c.network.lossChance = [0, 0, 0.1, 0.3][int(4)] as number
  c.network.latencyMs = [1, 50, 400, 1200][int(4)] as number
  c.network.jitter = [0.2, 1][int(2)] as number
  const olds = Array.from({ length: 1 + int(4) }, (_, i) => `o${i}`)
  const news = Array.from({ length: 1 + int(4) }, (_, i) => `n${i}`)
  const ids = [...olds, ...news]
  const value = (): JsonValue => [int(3), 'v' + int(3), null, { a: int(2) }, [int(2)]][int(5)] as JsonValue
  const keys = (n: number) =>
    Object.fromEntries(Array.from({ length: n }, () => ['k' + int(mode === 'big' ? 40 : 9), value()]))
  const ports = new Map<string, number>()
  const startOld = (id: string) =>
    c.addOld(id, ['n0'], keys(int(mode === 'big' ? 40 : 9)), ports.has(id) ? { port: ports.get(id) as number } : {})
  const startNew = (id: string) => {
    c.addNew(id, id === 'n0' ? ['o0'] : ['n0'])
    for (const [k, v] of Object.entries(keys(int(9)))) c.new(id).set(k, v)
  }
  const trace = process.argv
    .find((a) => a.startsWith('trace='))
    ?.slice(6)
    .split(',')
  if (trace !== undefined)
    c.onSend = (x) => {
      const t = JSON.stringify(x.payload)
      if (trace.every((w) => t.includes(w) || x.to === w || x.from === w))
        console.log(Math.round(c.now), x.from, x.to, x.kind, t)
    }
  for (const id of olds) startOld(id)
  for (const id of news) startNew(id)
  const restartedOld = new Set<string>(),
    restartedNew = new Set<string>()
  let restarts = 0
  const steps = 10 + int(60)
  for (let s = 0; s < steps; s++) {
    c.run(int(4) === 0 ? int(20_000) : int(1500))
    const o = olds[int(olds.length)] as string,
      n = news[int(news.length)] as string
    switch (int(8)) {
      case 0:
      case 1:
        for (let i = int(6); i >= 0; i--) c.old(o).update('k' + int(mode === 'big' ? 40 : 9), value())
        break
      case 2:
      case 3:
        for (let i = int(6); i >= 0; i--) c.new(n).set('k' + int(9), value())
        break
      case 4:
        c.new(n).delete('k' + int(9))
        break
      case 5:
        if (mode !== 'calm' && mode !== 'calmold') {
          if (int(4) === 0) ports.set(o, 20_000 + 10 * olds.indexOf(o) + int(3))
          startOld(o)
          restartedOld.add(o)
          restarts++
        }
        break
      case 6:
        if (mode !== 'calm' && mode !== 'calmnew') {
          startNew(n)
          restartedNew.add(n)
        }
        break
      default:
    }
  }
  const problems: string[] = []
  const check = () => {
    problems.length = 0
    for (const d of c.disagreements()) {
      const [reader, , , owner] = d.split(' ') as [string, string, string, string]
      // an old reader keeps former lives' keys
      if (reader.startsWith('o') && (restartedOld.has(owner) || restartedNew.has(owner) || restartedOld.has(reader)))
        continue
      problems.push(d)
    }
    for (const d of c.notLive()) {
      const [reader, who] = d.split(' ') as [string, string]
      if (reader.startsWith('n')) problems.push('not live ' + d + who)
    }
    for (const [reader, { node }] of c.olds)
      for (const [owner, x] of c.news) {
        if (restartedOld.has(reader)) continue
        const data = node.storage.get(owner)?.data ?? {}
        for (const [k, v] of x.node.entries(owner))
          if (JSON.stringify(data[k]?.[0]) !== JSON.stringify(v))
            problems.push(`${reader} lacks ${owner} ${k} ${JSON.stringify(v)}, has ${JSON.stringify(data[k])}`)
      }
    return problems.length === 0
  }
  const took = c.runUntil(check, 600_000, 1000)
  c.run(300_000)
  const still = check()
  if (verbose) {
    for (const [id, x] of c.news)
      console.log(
        id,
        c.now,
        x.node
          .peers()
          .filter((p) => p.isOld)
          .map((p) =>
            JSON.stringify(x.node.explain(p.id), [
              'status',
              'generation',
              'heartbeat',
              'transport',
              'port',
              'maxVersionSeen',
              'entries',
              'isStale',
              'silentMs',
            ]),
          ),
      )
    for (const [id, x] of c.olds)
      console.log(
        id,
        JSON.stringify(x.node.localPeer.transport),
        x.node.localPeer.maxVersionSeen,
        x.node.storage.livePeers().map((p) => p.id + JSON.stringify(p.transport)),
        'dead',
        x.node.storage.deadPeers().map((p) => p.id),
      )
    let left = 40
    c.onSend = (s) => {
      if (left-- > 0) console.log(c.now, s.from, s.to, s.kind, JSON.stringify(s.payload).slice(0, 400))
    }
    c.run(5000)
  }
  const generations = new Set<string>()
  for (const [, { node }] of c.news)
    for (const p of node.peers()) if (p.isOld) generations.add(p.id + ' ' + p.generation)
  const bumps = [...generations].reduce((a, g) => a + Number(g.split(' ')[1]) - 1, 0)
  const errors = [...c.news.values()].flatMap((x) =>
    x.errors.map((e) => ((e as { code?: string }).code as string) + ' '),
  )
  if (
    took > 600_000 ||
    !still ||
    (mode.startsWith('calm') && bumps > 0 && restarts === 0) ||
    errors.some((e) => !e.startsWith('GOSSIP_SENDER_UNKNOWN')) ||
    verbose
  ) {
    if (
      took > 600_000 ||
      !still ||
      errors.some((e) => !e.startsWith('GOSSIP_SENDER_UNKNOWN')) ||
      (bumps > 0 && restarts === 0)
    )
      bad++
    console.log(
      'seed',
      seed,
      'loss',
      c.network.lossChance,
      'lat',
      c.network.latencyMs,
      'jit',
      c.network.jitter,
      'olds',
      olds.length,
      'news',
      news.length,
      'took',
      took,
      'still',
      still,
      'bumps',
      bumps,
      'restarts',
      restarts,
      problems.slice(0, verbose ? 9 : 1),
      problems.length,
      [...new Set(errors)].slice(0, 3),
    )
  }
}
console.log('bad', bad)
