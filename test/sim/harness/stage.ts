/** A real world with scripted processes in it and all checkers around it that believe what is said: a place to commit violations in. */

import { type EngineOptions, type JsonValue, resolveEngineOptions } from '../../../src/core/index.ts'
import { type Checker, createStateCheckers, type Violation } from '../../../src/sim/checkers/index.ts'
import { RandomStreams } from '../../../src/sim/random-streams.ts'
import { type Machine, Network, type NetworkConditions, Trace, World } from '../../../src/sim/world/index.ts'
import { ScriptedProcess } from './scripted-process.ts'

const CONDITIONS: NetworkConditions = {
  latencyMs: 0,
  lossChance: 0,
  duplicateChance: 0,
  reorderChance: 0,
  reorderMs: 0,
  corruptChance: 0,
  maxMessageBytes: 1_000_000,
}

/** `a` and `b` are there from the start; `a` has the generation 1, `b` 2. */
export class Stage {
  readonly world: World
  readonly checkers: readonly Checker[]
  readonly violations: Violation[] = []
  #generations = 0

  constructor(engine: EngineOptions = {}, conditions: Partial<NetworkConditions> = {}) {
    const streams = new RandomStreams(1)
    this.world = new World({
      network: new Network({ ...CONDITIONS, ...conditions }, 'json', streams.stream('network')),
      trace: new Trace(),
      streams,
      createProcess: (machine) => new ScriptedProcess(machine.id, ++this.#generations),
      leaveMs: 3_000,
    })
    this.checkers = createStateCheckers(this.world, resolveEngineOptions(engine), (violation) => {
      this.violations.push(violation)
    })
    for (const id of ['a', 'b']) this.add(id)
  }

  add(name: string, id: string = name): Machine {
    const facts = { name, id, address: name, seeds: [], isFirstGeneration: false, drift: 0 }
    const machine = this.world.add(facts)
    this.world.start(machine)
    return machine
  }

  machine(name: string): Machine {
    const machine = this.world.machines.get(name)
    if (machine === undefined) throw new Error(`no machine ${name}`)
    return machine
  }

  process(name: string): ScriptedProcess {
    return this.machine(name).running as ScriptedProcess
  }

  /** An input without a message: the passing of time, or an own write. */
  act(name: string, script: (process: ScriptedProcess) => void = () => {}): void {
    const process = this.process(name)
    process.script = () => script(process)
    this.world.set(this.machine(name), 'ignored', null)
  }

  /** A message arrives, from `a` or, there, from `b`; taking it in does what the script says. */
  deliver(
    name: string,
    kind: 'digest' | 'deltas',
    payload: JsonValue,
    script: (process: ScriptedProcess) => void = () => {},
  ): void {
    const process = this.process(name)
    process.script = () => script(process)
    const sender = name === 'a' ? 'b' : 'a'
    this.act(sender, ({ messages }) => messages.push({ kind, to: { id: name, transport: name }, payload }))
    this.world.run(0)
  }

  /** Deltas arrive that name one peer. */
  deltas(name: string, about: string, script?: (process: ScriptedProcess) => void, facts: object = {}): void {
    this.deliver(name, 'deltas', [{ id: about, entries: [], ...facts }], script)
  }

  /** A digest arrives that lists one peer. */
  digest(name: string, about: string, script?: (process: ScriptedProcess) => void): void {
    this.deliver(name, 'digest', [{ id: about }], script)
  }

  sweep(): void {
    for (const checker of this.checkers) checker.sweep?.()
  }

  /** Names of the checkers that have objected, and what they said, since the last time this was asked. */
  objections(): readonly string[] {
    return this.violations.splice(0).map(({ checker, node, problem }) => `${checker}: ${node} ${problem}`)
  }
}
