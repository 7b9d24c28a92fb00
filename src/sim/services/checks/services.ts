/**
 * Services: everybody soon lists what is open and nothing else, followers are told the same as the list says, and whoever
 * connects is answered by the port that he connected to.
 */

import type { ServiceChange, ServiceView } from '../../../messaging/index.ts'
import { type CheckPorts, codeOf, type ServiceCheck } from '../check.ts'
import type { ServiceLife } from '../life.ts'

const TIMEOUT_MS = 5_000

/** See the head of this file. */
export class ServicesCheck implements ServiceCheck {
  readonly #ports: CheckPorts
  /** What each life has open, by port. */
  readonly #open = new Map<ServiceLife, Map<number, () => void>>()
  /** What each life was told to be open. */
  readonly #told = new Map<ServiceLife, Set<string>>()
  #calls = 0

  constructor(ports: CheckPorts) {
    this.#ports = ports
  }

  attach(life: ServiceLife): void {
    this.#open.set(life, new Map())
    this.#ports.journal.follow(life.label, 'following services', this.#follow(life))
  }

  /** Opens a port, unless it is. */
  open(life: ServiceLife, port: number): void {
    const open = this.#open.get(life)
    if (open === undefined || open.has(port)) return
    const service = life.messenger.open(port, { name: nameOf(port), mode: 'request' }, (call) => ({
      call,
      by: life.label,
      port,
    }))
    this.#ports.journal.note(life.label, 'open', { port })
    open.set(port, () => service.close())
  }

  /** Closes a port, if it is open. */
  close(life: ServiceLife, port: number): void {
    const open = this.#open.get(life)
    open?.get(port)?.()
    if (open?.delete(port) === true) this.#ports.journal.note(life.label, 'close', { port })
  }

  /** Connects to a port, and asks it. */
  call(life: ServiceLife, to: string, port: number): void {
    const call = `call ${++this.#calls} of ${life.label} to port ${port} of ${to}`
    const work = this.#connectAndAsk(life, to, port, call)
    this.#ports.journal.follow(life.label, call, work)
  }

  missing(): readonly string[] {
    const lives = this.#ports.lives()
    const expected = lives.flatMap((life) =>
      [...(this.#open.get(life)?.keys() ?? [])].map((port) => keyOf({ peer: life.name, port, name: nameOf(port) })),
    )
    const all = expected.sort().join()
    return lives.flatMap((life) => {
      const listed = life.messenger.services().map(keyOf).sort().join()
      const told = [...(this.#told.get(life) ?? [])].sort().join()
      return [
        ...(listed === all ? [] : [`${life.label} lists the services ${listed || 'none'} and not ${all || 'none'}`]),
        ...(told === all ? [] : [`${life.label} was told of the services ${told || 'none'} and not ${all || 'none'}`]),
      ]
    })
  }

  async #follow(life: ServiceLife): Promise<void> {
    const told = new Set<string>()
    this.#told.set(life, told)
    for await (const change of life.messenger.watchServices()) this.#take(life, told, change)
  }

  #take(life: ServiceLife, told: Set<string>, change: ServiceChange): void {
    if (change.type === 'synced') return
    const key = keyOf(change.service)
    if (change.type === 'open' && told.has(key)) this.#object(life.label, `is told twice that ${key} is open`)
    if (change.type === 'close' && !told.has(key))
      this.#object(life.label, `is told that ${key} closed, which was not open`)
    if (change.type === 'open') told.add(key)
    else told.delete(key)
    this.#ports.journal.note(life.label, 'service', { type: change.type, key })
  }

  async #connectAndAsk(life: ServiceLife, to: string, port: number, call: string): Promise<void> {
    const { journal } = this.#ports
    try {
      const client = await life.messenger.connect(to, port, { timeoutMs: TIMEOUT_MS })
      const answer = (await client.request(call, { timeoutMs: TIMEOUT_MS })) as {
        call: string
        by: string
        port: number
      }
      journal.count('called')
      journal.note(life.label, 'called', { call, by: answer.by })
      if (answer.call !== call || answer.port !== port) this.#object(call, `gets the answer to ${answer.call}`)
      else if (answer.by.split('.')[0] !== to) this.#object(call, `is answered by ${answer.by}`)
    } catch (error) {
      journal.note(life.label, 'not called', { call, code: codeOf(error) })
      if (codeOf(error) === undefined) this.#object(call, `fails without a code: ${String(error)}`)
    }
  }

  #object(name: string, problem: string): void {
    this.#ports.journal.object('services', name, problem)
  }
}

function nameOf(port: number): string {
  return port % 2 === 0 ? 'even' : 'odd'
}

function keyOf({ peer, port, name }: Pick<ServiceView, 'peer' | 'port' | 'name'>): string {
  return `${peer}:${port}/${name}`
}
