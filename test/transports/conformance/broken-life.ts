/** Transports that carry well and live badly: opening and closing, listeners, hellos, diallers. */

import { EventEmitter } from 'eventemitter3'
import type { TransportEvents } from '../../../src/core/index.ts'
import type { BrokenTransport } from './broken-transport.ts'
import { PlainListener, type PlainTransport } from './plain-transport.ts'

class ListensInSilence extends PlainListener {
  override tell: PlainListener['tell'] = (event, ...facts) => {
    if (event !== 'listening') super.tell(event, ...facts)
  }
}

class HasAnAddressTooEarly extends PlainListener {
  override address: string | undefined = 'plain:soon'

  override async listen(): Promise<void> {
    this.address = undefined
    await super.listen()
  }
}

class MovesWhenItListensTwice extends PlainListener {
  override async listen(): Promise<void> {
    if (this.address === undefined) await super.listen()
    else this.address = this.network.newAddress()
  }
}

class TakesWhatIsTaken extends PlainListener {
  override isTaken(): boolean {
    return false
  }
}

class ClosesOnlyOnce extends PlainListener {
  override async close(): Promise<void> {
    if (this.isClosed) throw new Error('it is closed')
    await super.close()
  }
}

class NeverCloses extends PlainListener {
  override async close(): Promise<void> {
    await super.close()
    await new Promise(() => {})
  }
}

class HangsWhenClosedEarly extends PlainListener {
  override async listen(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    if (this.isClosed) await new Promise(() => {})
    await super.listen()
  }
}

class TellsAfterClosing extends PlainListener {
  readonly #late: (() => void)[] = []

  override receive(text: string, from?: PlainTransport): void {
    const message = this.parse(text)
    if (!this.isClosed && message !== undefined && message.kind !== 'rpc') {
      const { kind, sender, payload } = message
      this.#late.push(() => void this.emit(kind, sender, payload))
      setTimeout(() => this.#late.shift()?.(), 1)
    } else super.receive(text, from)
  }
}

class KeepsItsAddress extends PlainListener {
  override async close(): Promise<void> {
    this.isClosed = true
  }
}

class ListensOnce extends PlainListener {
  #hasListened = false

  override async listen(): Promise<void> {
    if (this.#hasListened) return
    this.#hasListened = true
    await super.listen()
  }
}

class LeaksATimer extends PlainListener {
  static readonly timers: Set<NodeJS.Timeout> = new Set()

  override async listen(): Promise<void> {
    await super.listen()
    LeaksATimer.timers.add(setInterval(() => {}, 1_000_000))
  }
}

class DeliversAtOnce extends PlainListener {
  override later(deliver: () => void): void {
    deliver()
  }
}

class LetsListenersKill extends PlainListener {
  readonly #raw = new EventEmitter()

  override on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    this.#raw.on(event, listener as () => void)
    return this
  }

  override off<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    this.#raw.off(event, listener as () => void)
    return this
  }

  override tell: PlainListener['tell'] = (event, ...facts) => {
    this.#raw.emit(event, ...facts)
  }
}

class SwallowsWhatIsThrown extends PlainListener {
  override on<E extends keyof TransportEvents>(event: E, listener: TransportEvents[E]): this {
    const swallowing = (...facts: unknown[]): void => {
      try {
        ;(listener as (...facts: unknown[]) => void)(...facts)
      } catch {
        // This is the fault: nobody hears of it.
      }
    }
    return super.on(event, swallowing as TransportEvents[E])
  }
}

class StumblesWhenClosed extends PlainListener {
  override receive(text: string, from?: PlainTransport): void {
    super.receive(text, from)
    if (this.isClosed) throw new Error('there is nothing left to work with')
  }
}

class NeverTakesOff extends PlainListener {
  override off<E extends keyof TransportEvents>(_: E, __: TransportEvents[E]): this {
    return this
  }
}

class MeetsInSilence extends PlainListener {
  override meet(): boolean {
    return true
  }
}

class MeetsOnce extends PlainListener {
  override meet(other: PlainTransport): boolean {
    return this.met.has(other) || super.meet(other)
  }
}

class WelcomesEverybody extends PlainListener {
  override refusalOf(): undefined {
    return undefined
  }
}

class ForgetsWhoWrote extends PlainListener {
  override receive(text: string): void {
    super.receive(text)
  }
}

class AnswersTheLast extends PlainListener {
  override receive(text: string, from?: PlainTransport): void {
    super.receive(text, from)
    if (from !== undefined) for (const id of this.routes.keys()) this.routes.set(id, from)
  }
}

/** Ends what the broken ones left open. */
export function endLeaks(): void {
  for (const timer of LeaksATimer.timers) clearInterval(timer)
  LeaksATimer.timers.clear()
}

const THROWING = 'listeners: one that throws keeps nobody from hearing, and is told of'
const IN_TRAFFIC = 'lifecycle: closing with traffic in flight ends it'

/** Each with the case that has to find it. */
export const brokenLife: readonly BrokenTransport[] = [
  {
    fault: 'listens in silence',
    found: 'lifecycle: listening gives an address and is told',
    says: /'listening' to be told before listen\(\) resolves/,
    broken: ListensInSilence,
  },
  {
    fault: 'has an address too early',
    found: 'lifecycle: listening gives an address and is told',
    says: /address to be undefined until it listens; it was "plain:soon"/,
    broken: HasAnAddressTooEarly,
  },
  {
    fault: 'moves when it listens twice',
    found: 'lifecycle: listening twice changes nothing',
    says: /to leave the address as it is; it was "plain:\d+" and is "plain:\d+"/,
    broken: MovesWhenItListensTwice,
  },
  {
    fault: 'takes an address in use',
    found: 'lifecycle: an address in use is a coded error',
    says: /to fail with a coded error; it succeeded/,
    broken: TakesWhatIsTaken,
  },
  {
    fault: 'can be closed only once',
    found: 'lifecycle: closing is possible at any time, and again',
    says: /close\(\) to succeed; it failed with Error "it is closed"/,
    broken: ClosesOnlyOnce,
  },
  {
    fault: 'never closes',
    found: 'lifecycle: closing is possible at any time, and again',
    says: /close\(\) to settle; it had not after/,
    broken: NeverCloses,
  },
  {
    fault: 'hangs when it is closed early',
    found: 'lifecycle: closing while it begins to listen ends both',
    says: /listen\(\) to settle; it had not after/,
    broken: HangsWhenClosedEarly,
  },
  {
    fault: 'tells after closing',
    found: IN_TRAFFIC,
    says: /nothing to be told by peer-1 once close\(\) has resolved; (digest|deltas) was/,
    broken: TellsAfterClosing,
  },
  {
    fault: 'keeps its address after closing',
    found: 'lifecycle: an address is free again after closing',
    says: /listen\(\) to succeed; it failed with TransportError GOSSIP_ADDRESS_IN_USE/,
    broken: KeepsItsAddress,
  },
  {
    fault: 'listens only once',
    found: 'lifecycle: it listens again after closing',
    says: /to arrive at peer-1/,
    broken: ListensOnce,
  },
  {
    fault: 'leaks a timer',
    found: 'lifecycle: closing leaves no handle open',
    says: /still open: 3 Timeout/,
    broken: LeaksATimer,
  },
  {
    fault: 'delivers within the call',
    found: 'listeners: one may send, and is not called again before it returns',
    says: /to return before any message is told; peer-2 was told of digest inside such a call/,
    broken: DeliversAtOnce,
  },
  {
    fault: 'lets a throwing listener keep others from hearing',
    found: THROWING,
    says: /listen\(\) to succeed|thrown where nobody can catch it/,
    broken: LetsListenersKill,
  },
  {
    fault: 'swallows what a listener throws',
    found: THROWING,
    says: /what a listener throws to become/,
    broken: SwallowsWhatIsThrown,
  },
  {
    fault: 'stumbles when a listener closes it',
    found: 'listeners: one may close the transport',
    says: /thrown where nobody can catch it.*"there is nothing left to work with"/,
    broken: StumblesWhenClosed,
  },
  {
    fault: 'never takes a listener off',
    found: 'listeners: one that was taken off hears no more',
    says: /off\(\) to take a listener away/,
    broken: NeverTakesOff,
  },
  {
    fault: 'meets in silence',
    found: 'hello: both sides learn who the other is',
    says: /to be told the hello of/,
    broken: MeetsInSilence,
  },
  {
    fault: 'meets only once',
    found: 'hello: a new generation is told',
    says: /to be told the next/,
    broken: MeetsOnce,
  },
  {
    fault: 'welcomes other clusters',
    found: 'hello: a node of another cluster is refused',
    says: /nothing of a refused peer to be told; its digest was/,
    broken: WelcomesEverybody,
  },
  {
    fault: 'forgets who wrote',
    found: 'diallers: they are answered on the way they came',
    says: /to arrive at peer-2/,
    broken: ForgetsWhoWrote,
  },
  {
    fault: 'answers whoever wrote last',
    found: 'diallers: several at once are told apart',
    says: /to be told only what was sent to it/,
    broken: AnswersTheLast,
  },
]
